import { convertToCommandError, ErrorType, isCommandError } from "@kurrent/kurrentdb-client";
import { ReactiveDomainError, shownUrl } from "@reactive-domain/core";
import { InvalidWrite, StoreUnavailable } from "@reactive-domain/persistence";

interface Meaning {
  readonly problem: string;
  readonly retryable: boolean;
}

const AWAY: Meaning = {
  problem: "cannot be reached: the server is down, or the connection was lost; it may be back soon",
  retryable: true,
};
const SILENT: Meaning = {
  problem: "did not answer in time: what was to be written may or may not be written, and is recognised where it is written again",
  retryable: true,
};

/** By the type of the client's error. What is not here has no meaning of its own. */
const MEANINGS: Readonly<Partial<Record<ErrorType, Meaning>>> = {
  [ErrorType.UNAVAILABLE]: AWAY,
  [ErrorType.CANCELLED]: AWAY,
  [ErrorType.TIMEOUT]: SILENT,
  [ErrorType.DEADLINE_EXCEEDED]: SILENT,
  [ErrorType.NOT_LEADER]: {
    problem: "cannot be written here: the node does not lead its cluster any more; the client goes on to the one that does",
    retryable: true,
  },
  [ErrorType.ACCESS_DENIED]: {
    problem: "cannot be used: the server refuses the user, the password, or what was asked for; correct the URL, or grant the right",
    retryable: false,
  },
  [ErrorType.UNSUPPORTED]: { problem: "lacks a part of its protocol that is needed here; take a newer server", retryable: false },
};

/** Of sizes that the server does not take. */
const TOO_LARGE: ReadonlySet<ErrorType> = new Set([
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED,
  ErrorType.APPEND_RECORD_SIZE_EXCEEDED,
]);

/** What calls that were never answered end with, by their status, where the client makes no error of its own of it. */
const CALL_MEANINGS: ReadonlyMap<unknown, Meaning> = new Map([
  [1, AWAY],
  [4, SILENT],
  [14, AWAY],
]);

/** What the client says of a connection that was closed here. */
const CLOSED = /The client is closed|Channel has been shut down|Channel closed before/;
/** What the client says without a type of its own when it finds no node. */
const NO_NODE = /Failed to discover|Channel has been shut down|closed/i;

/** What went wrong with a server, in the port's words, with the client's error as its cause. */
export function kurrentFailure(thrown: unknown, store: string): unknown {
  if (thrown instanceof ReactiveDomainError || !(thrown instanceof Error)) return thrown;
  // Not all that the client throws is one of its own errors.
  const error = convertToCommandError(thrown);
  if (!isCommandError(error)) {
    const meaning = CALL_MEANINGS.get(statusOf(error)) ?? (NO_NODE.test(error.message) ? AWAY : undefined);
    const { problem, retryable } = meaning ?? { problem: `failed: ${shownUrl(error.message)}`, retryable: false };
    return new StoreUnavailable(store, problem, { retryable, cause: error });
  }
  if (TOO_LARGE.has(error.type)) return tooLarge(error);
  const { problem, retryable } = MEANINGS[error.type] ??
    CALL_MEANINGS.get(statusOf(error)) ?? {
      problem: `failed: ${shownUrl(error.message)} (${error.type})`,
      retryable: false,
    };
  return new StoreUnavailable(store, problem, { retryable, cause: error });
}

/** What says of a stream that it is not as somebody believed. */
const REFUSALS: ReadonlySet<ErrorType> = new Set([
  ErrorType.WRONG_EXPECTED_VERSION,
  ErrorType.APPEND_CONSISTENCY_VIOLATION,
  ErrorType.STREAM_NOT_FOUND,
  ErrorType.STREAM_DELETED,
  ErrorType.STREAM_TOMBSTONED,
]);

/** Whether the server has answered, with no: whoever asked has to see what that means. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && isCommandError(error) && REFUSALS.has(error.type);
}

/** Whether a stream was deleted for ever. */
export function isTombstoned(error: unknown): boolean {
  const type = error instanceof Error && isCommandError(error) ? error.type : undefined;
  return type === ErrorType.STREAM_DELETED || type === ErrorType.STREAM_TOMBSTONED;
}

/** Whether a server may have refused a place in the log at which no event begins. */
export function isUnknownPlace(failure: unknown): boolean {
  if (!(failure instanceof StoreUnavailable) || failure.retryable) return false;
  const type = causeOf(failure);
  return type === ErrorType.UNKNOWN || type === ErrorType.INVALID_ARGUMENT;
}

/** Whether there is no persistent subscription of that name, or none any more. */
export function isGroupGone(failure: unknown): boolean {
  const type = causeOf(failure);
  return type === ErrorType.PERSISTENT_SUBSCRIPTION_DOES_NOT_EXIST || type === ErrorType.PERSISTENT_SUBSCRIPTION_DROPPED;
}

/** Whether there is a persistent subscription of that name already. */
export function isGroupThere(failure: unknown): boolean {
  return causeOf(failure) === ErrorType.PERSISTENT_SUBSCRIPTION_EXISTS;
}

/** Whether this process has ended a call itself, or has not made it, as its connection was closed. */
export function isBrokenOff(failure: unknown): boolean {
  if (!(failure instanceof StoreUnavailable)) return false;
  const { cause } = failure;
  return statusOf(cause) === 1 || (cause instanceof Error && CLOSED.test(cause.message));
}

/** Whether it is the connection, or the node, that failed, so that trying again may help. */
export function isConnectionLost(failure: unknown): boolean {
  return failure instanceof StoreUnavailable && failure.retryable;
}

/** The failure of a call that has no answer. */
export function silence(store: string, timeoutMs: number): StoreUnavailable {
  return new StoreUnavailable(store, `${SILENT.problem} (${timeoutMs} ms)`, { retryable: true });
}

function tooLarge(error: Error): InvalidWrite {
  const { maxAppendSize, maxSize } = error as { readonly maxAppendSize?: number; readonly maxSize?: number };
  const most = maxAppendSize ?? maxSize;
  const told = most === undefined ? "no larger than the server takes" : `at most ${most} bytes, which is what the server takes`;
  return Object.assign(new InvalidWrite("The size of a write", told, "larger"), { cause: error });
}

/** What the client says of a failure. */
function causeOf(failure: unknown): ErrorType | undefined {
  const cause = failure instanceof StoreUnavailable ? failure.cause : undefined;
  return cause instanceof Error && isCommandError(cause) ? cause.type : undefined;
}

function statusOf(error: unknown): unknown {
  return error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
}
