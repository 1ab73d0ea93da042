import { ReactiveDomainError, textOf, type Position, type Version } from "@reactive-domain/core";

/** There is no aggregate of this type with this id. */
export class AggregateNotFound extends ReactiveDomainError {
  static readonly code = "aggregate-not-found";

  constructor(type: string, id: string) {
    super(AggregateNotFound.code, `There is no ${type} with the id ${id}.`, { details: { type, id } });
  }
}

/**
 * The events of this command are in the aggregate's stream: it was carried out before. Deciding again could refuse what is done; answer as the first time.
 * `version` and `position` are those of the last event that it led to there.
 */
export class CommandAlreadyApplied extends ReactiveDomainError {
  static readonly code = "command-already-applied";
  readonly version: Version;
  readonly position: Position;

  constructor(commandId: string, stream: string, place: { readonly version: Version; readonly position: Position }) {
    super(
      CommandAlreadyApplied.code,
      `Command ${commandId} was carried out before: its events are in ${stream}, up to version ${place.version}.`,
      {
        details: { commandId, stream, version: place.version, position: place.position },
      },
    );
    this.version = place.version;
    this.position = place.position;
  }
}

/** An aggregate was asked for as of a version that it has not come to. */
export class VersionNotReached extends ReactiveDomainError {
  static readonly code = "version-not-reached";

  constructor(stream: string, asked: Version, actual: Version) {
    super(
      VersionNotReached.code,
      `${stream} has come to version ${actual}, and not to ${asked}. Ask for an earlier version, or again later.`,
      {
        details: { stream, version: asked, actual },
      },
    );
  }
}

/** An aggregate was saved while another save of it was under way. Wait for that first. */
export class SaveInProgress extends ReactiveDomainError {
  static readonly code = "save-in-progress";

  constructor(stream: string) {
    super(SaveInProgress.code, `${stream} is being saved already. Wait for that save to end.`, { retryable: true, details: { stream } });
  }
}

/**
 * A snapshot could not be used: its hash does not fit, or the aggregate did not take it. The events were folded instead, and another will be written in its place. It
 * is a process warning, and never thrown.
 */
export class CorruptSnapshot extends ReactiveDomainError {
  static readonly code = "corrupt-snapshot";

  constructor(stream: string, version: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : textOf(cause);
    super(
      CorruptSnapshot.code,
      `The snapshot of ${stream} at version ${version} cannot be used, and its events were folded instead. ${reason}`,
      {
        cause,
        details: { stream, version },
      },
    );
  }
}

/** A snapshot that was due could not be written; the next load does without. It is a process warning, and never thrown. */
export class SnapshotNotWritten extends ReactiveDomainError {
  static readonly code = "snapshot-not-written";

  constructor(stream: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : textOf(cause);
    super(SnapshotNotWritten.code, `No snapshot of ${stream} was written: ${reason}`, { cause, details: { stream } });
  }
}
