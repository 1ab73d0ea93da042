import { describe, ReactiveDomainError } from "@reactive-domain/core";
import type { Position } from "@reactive-domain/core";

/** A projection does no more, since an event could not be handled, or something is wrong for good. What was committed stays. `cause` tells what is wrong. */
export class ProjectionStopped extends ReactiveDomainError {
  static readonly code = "projection-stopped";

  constructor(name: string, why: string, cause: unknown) {
    super(
      ProjectionStopped.code,
      `Projection ${name} has stopped: ${why} (${shown(cause)}). What it committed stays. Mend the cause, and start it again.`,
      { cause, details: { name, why } },
    );
  }
}

/** A rebuild was not put in the place of the live generation. Both are as they were. */
export class RebuildRefused extends ReactiveDomainError {
  static readonly code = "rebuild-refused";

  constructor(name: string, generation: number, why: string) {
    super(
      RebuildRefused.code,
      `Generation ${generation} of projection ${name} was not put in the place of the live one: it ${why}. Both are as they were. Look at what differs, and decide.`,
      { details: { name, generation, why } },
    );
  }
}

/** An event failed as often as it may, and its projection is not to go on without it. */
export class HandlingFailed extends Error {
  readonly position: Position;

  constructor(position: Position, type: string, cause: unknown) {
    super(`${type} at position ${position} failed`, { cause });
    this.position = position;
  }
}

/** What was to be committed cannot be, and which event is to blame is not known: it is found out piece by piece. */
export class PieceFailed extends Error {
  constructor(cause: unknown) {
    super("A commit of several events failed", { cause });
  }
}

function shown(cause: unknown): string {
  return cause instanceof Error ? cause.message : describe(cause);
}
