import { ReactiveDomainError } from "@reactive-domain/core";
import { CopyUnderWay, InvalidWrite, StoreUnavailable } from "@reactive-domain/persistence";

interface Meaning {
  readonly problem: string;
  readonly retryable: boolean;
}

const AWAY: Meaning = {
  problem: "cannot be reached: the server is down, or the connection was lost; it may be back soon",
  retryable: true,
};

const POOL_ENDED: Meaning = { problem: "cannot be used: its pool was ended by its owner", retryable: false };
const POOL_EXHAUSTED: Meaning = {
  problem:
    "cannot be reached: no connection of the pool was to be had in time; use fewer, or allow it more, or see whether the server answers",
  retryable: true,
};

/** By PostgreSQL's SQLSTATE, or its first two characters, which tell the class; and by the codes of Node's sockets. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "08": AWAY,
  "57P01": AWAY,
  "57P02": AWAY,
  "57P03": { problem: "cannot be reached: the server is starting or stopping; it may be back soon", retryable: true },
  "57P05": AWAY,
  ECONNREFUSED: { problem: "cannot be reached: nothing listens there; start the server, or correct host and port", retryable: true },
  ECONNRESET: AWAY,
  EPIPE: AWAY,
  ETIMEDOUT: AWAY,
  EHOSTUNREACH: AWAY,
  ENETUNREACH: AWAY,
  ENOTFOUND: { problem: "cannot be reached: its host has no address; correct the URL", retryable: false },
  EAI_AGAIN: { problem: "cannot be reached: its host's address could not be looked up; it may be back soon", retryable: true },
  ENOENT: { problem: "cannot be reached: there is no such socket; start the server, or correct host and port", retryable: true },
  "28": { problem: "cannot be used: the server refuses the user or its password; correct the URL", retryable: false },
  "3D000": { problem: "cannot be opened: there is no such database; create it, or correct the URL", retryable: false },
  "42501": {
    problem: "cannot be used: the user lacks a right; grant it (the guide lists the rights that a store needs)",
    retryable: false,
  },
  "25006": { problem: "cannot be written: the server is a standby, or set to read only; connect to the primary", retryable: true },
  "53300": { problem: "cannot be reached: the server has no connection left; raise max_connections, or use fewer", retryable: true },
  "53100": { problem: "cannot grow: the server's disk is full; free some space and try again", retryable: true },
  "53": { problem: "lacks resources; try again when the server has some", retryable: true },
  "40": { problem: "had to give up a transaction, in favour of another one; try again", retryable: true },
  "55P03": { problem: "waited too long for a lock (lock_timeout); try again", retryable: true },
  "57014": { problem: "took too long (statement_timeout), or was cancelled; try again", retryable: true },
  "25P03": { problem: "had a transaction that was idle for too long; try again", retryable: true },
  "25P04": { problem: "had a transaction that took too long; try again", retryable: true },
  "3F000": { problem: "has no such schema: it was never made here, or was dropped", retryable: false },
  "42P01": { problem: "lacks a table: it was never made here, or was dropped", retryable: false },
  "42883": { problem: "lacks a function: it was never made here, or was dropped", retryable: false },
  XX: { problem: "has an internal error; it may be damaged: see the server's log", retryable: false },
  58: { problem: "has an error of its system; see the server's log", retryable: false },
};

/** What pg says when a connection ends, with no code. */
const LOST =
  /connection terminated|connection ended|client has encountered a connection error|not queryable|timeout exceeded when trying to connect|timeout expired/i;

/** What went wrong with a server, in the port's words; what neither pg nor a socket threw comes back as it is. */
export function postgresFailure(error: unknown, store: string): unknown {
  if (error instanceof ReactiveDomainError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === "RDC01") return new CopyUnderWay(store);
  if (code === "RDI01")
    return new StoreUnavailable(
      store,
      `cannot be written: ${error.message}, where read committed is needed; set default_transaction_isolation for its user`,
      { retryable: false, cause: error },
    );
  if (code === "22021" || code === "22P05")
    return new InvalidWrite("Text", "without NUL, and of characters that the database's encoding has", "one with others");
  const meaning = code === undefined ? meaningOfText(error.message) : meaningOf(code);
  if (code === undefined && meaning === undefined) return error;
  const { problem, retryable } = meaning ?? { problem: `failed: ${error.message} (${code})`, retryable: false };
  return new StoreUnavailable(store, problem, { retryable, cause: error });
}

/** Whether it is the connection that failed, so that another one may do. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code === undefined) return LOST.test(error.message);
  return meaningOf(code) === AWAY || code === "57P03" || code === "ECONNREFUSED" || code === "ENOENT" || code === "EAI_AGAIN";
}

/** Of several attempts at a host's addresses, the first error tells. */
export function codeOf(error: Error): string | undefined {
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly Error[] };
  if (typeof code === "string") return code;
  return errors?.[0] === undefined ? undefined : codeOf(errors[0]);
}

function meaningOfText(message: string): Meaning | undefined {
  if (/after calling end on the pool/.test(message)) return POOL_ENDED;
  if (/timeout exceeded when trying to connect/.test(message)) return POOL_EXHAUSTED;
  return LOST.test(message) ? AWAY : undefined;
}

function meaningOf(code: string): Meaning | undefined {
  return MEANINGS[code] ?? (code.length === 5 ? MEANINGS[code.slice(0, 2)] : undefined);
}
