import { describe, ReactiveDomainError } from "@reactive-domain/core";

/** A text is no token that `tokenOf` or `mergeTokens` has made. It may come from outside: treat it as bad input. Nobody waited for it. */
export class InvalidToken extends ReactiveDomainError {
  static readonly code = "invalid-token";

  constructor(token: unknown, problem: string) {
    const shown = describe(token);
    super(InvalidToken.code, `${shown} is no token to read after: ${problem}. Hand on what tokenOf has answered, unchanged, or nothing.`, {
      details: { token: shown, problem },
    });
  }
}

/**
 * A token was handed out for another log than those that are read here: for another store, or before this one began anew. It is never reached: forget it. Nobody waited
 * for it.
 */
export class ForeignToken extends ReactiveDomainError {
  static readonly code = "foreign-token";

  constructor(models: readonly string[], logs: readonly string[]) {
    super(
      ForeignToken.code,
      `The token is of no log that ${models.join(" and ")} read (${logs.join(", ")}): it is of another store, or this one has begun anew since. Forget it.`,
      { details: { models, logs } },
    );
  }
}
