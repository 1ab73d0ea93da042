import { ReactiveDomainError } from "@reactive-domain/core";

/** Nothing is kept of a projection, or of a generation of it. Nothing was done. */
export class ProjectionNotFound extends ReactiveDomainError {
  static readonly code = "projection-not-found";

  constructor(name: string, where: string, generation?: number) {
    const what = generation === undefined ? `projection ${name}` : `generation ${generation} of projection ${name}`;
    super(ProjectionNotFound.code, `There is no ${what} in ${where}. Nothing was done. Start it once, or look which there are.`, {
      details: { name, where, generation: generation ?? null },
    });
  }
}

/** A projection is not as who works on it believed: it was paused, reset, replaced by a rebuild, or amended. Nothing was done. Find out how it is, and decide again. */
export class ProjectionChanged extends ReactiveDomainError {
  static readonly code = "projection-changed";

  constructor(name: string, why: string) {
    super(ProjectionChanged.code, `Projection ${name} ${why}. Nothing was done. Find out how it is, and decide again.`, {
      retryable: true,
      details: { name, why },
    });
  }
}
