import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";
import Database from "better-sqlite3";

interface Meaning {
  readonly problem: string;
  readonly retryable: boolean;
}

export const DAMAGED = "is damaged; restore it from a backup";
export const READ_ONLY =
  "cannot be written: the file, its directory, or a -wal or -shm beside it is read-only; change its permissions, or open it with readOnly";

const FULL: Meaning = { problem: "cannot grow: the disk is full; free some space and try again", retryable: true };

/** By SQLite's code, or its first words: an extended one, like SQLITE_BUSY_RECOVERY, begins with its family. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  SQLITE_BUSY: {
    problem:
      "is being written by another process and did not become free in time; try again, or wait longer (busyTimeoutMs, --busy-timeout)",
    retryable: true,
  },
  SQLITE_LOCKED: { problem: "is locked by another connection; try again", retryable: true },
  SQLITE_FULL: FULL,
  // The index of the write-ahead log found no room.
  SQLITE_IOERR_SHMSIZE: FULL,
  SQLITE_READONLY: { problem: READ_ONLY, retryable: false },
  SQLITE_PERM: { problem: "cannot be used: access is denied; change its permissions", retryable: false },
  SQLITE_AUTH: { problem: "cannot be used: access is denied; change its permissions", retryable: false },
  SQLITE_CANTOPEN: { problem: "cannot be opened; check that the file and its directory may be read and written", retryable: false },
  SQLITE_IOERR: { problem: "cannot be read or written: the disk reports an error, or a quota or limit is reached", retryable: false },
  SQLITE_CORRUPT: { problem: DAMAGED, retryable: false },
};

/** What went wrong with a file, in the port's words; what SQLite did not throw comes back as it is. */
export function sqliteFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === "SQLITE_NOTADB") return notADatabase(file);
  const family = error.code.split("_").slice(0, 2).join("_");
  const { problem, retryable } = MEANINGS[error.code] ??
    MEANINGS[family] ?? { problem: `failed: ${error.message} (${error.code})`, retryable: false };
  return new StoreUnavailable(file, problem, { retryable, cause: error });
}

export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
}

/** Whether SQL broke a constraint: no fault of the file. */
export function isBrokenConstraint(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_CONSTRAINT");
}

/** Whether it is the file or the machine that failed, and not the SQL. */
export function isFailureOfFile(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  const family = error.code.split("_").slice(0, 2).join("_");
  return family in MEANINGS || family === "SQLITE_NOMEM";
}

export function notADatabase(file: string, noun = "an event store"): ForeignStore {
  return new ForeignStore(file, "is not a SQLite database", `It was not changed. Give the path of ${noun}.`);
}
