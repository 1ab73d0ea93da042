import { describe } from "./describe.ts";
import type { JsonObject } from "./json.ts";

/** What an error says beside its message. */
export interface ReactiveDomainErrorOptions {
  /** Whether the same call may succeed when it is simply made again. Default `false`. */
  readonly retryable?: boolean;
  /** Facts for programs and logs; JSON-safe. */
  readonly details?: JsonObject;
  /** The error underneath, if there is one. */
  readonly cause?: unknown;
}

/**
 * The base of every error that Reactive Domain throws, and a good base for those of an application.
 * `code` is stable and is what programs compare; every code of the toolkit is a heading in `docs/reference/errors.md`.
 */
export abstract class ReactiveDomainError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details: JsonObject;

  constructor(code: string, message: string, options: ReactiveDomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** An argument is not what the call takes. `details.argument` names it. Nothing was done. */
export class InvalidArgument extends ReactiveDomainError {
  static readonly code = "invalid-argument";

  constructor(argument: string, expected: string, actual: unknown, advice = "") {
    const shown = describe(actual);
    super(InvalidArgument.code, `${argument} must be ${expected}, but is ${shown}.${advice && ` ${advice}`}`, {
      details: { argument, expected, actual: shown },
    });
  }
}

/** What was asked for is closed or disposed. `details.what` names it. */
export class AlreadyClosed extends ReactiveDomainError {
  static readonly code = "already-closed";

  constructor(what: string) {
    super(AlreadyClosed.code, `${what} is closed. Open a new one, or close it later.`, { details: { what } });
  }
}
