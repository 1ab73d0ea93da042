import { closeSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
import { APPLICATION_ID } from "./migrations/migrate.ts";
import { notADatabase } from "./sqlite-failure.ts";

/** What an existing or missing file is to become. */
export type FileState = "new" | "store";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
/** Where the header of a SQLite file has its application id (SQLite's "Database File Format", section 1.3). */
const APPLICATION_ID_OFFSET = 68;

/**
 * Looks at a file before SQLite opens it for writing, because opening may change it: a journal is rolled back, a log is moved into the file.
 *
 * Errors: `store-unavailable` for a directory or a missing one, `foreign-store` for a file that is something else.
 */
export function inspectFile(path: string, file: string, { mustExist }: { readonly mustExist: boolean }): FileState {
  const stats = statsOf(path, file);
  if (stats === undefined && mustExist) throw new StoreUnavailable(file, "does not exist", { retryable: false });
  if (stats === undefined) return newFile(path, file);
  if (stats.isDirectory()) throw new StoreUnavailable(file, "is a directory, and must be a file", { retryable: false });
  if (stats.size === 0) return "new";
  const header = readHeader(path, file);
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw notADatabase(file);
  const applicationId = header.readInt32BE(APPLICATION_ID_OFFSET);
  if (applicationId === APPLICATION_ID) return "store";
  if (applicationId === 0 && !hasTables(path)) return "new";
  throw new ForeignStore(
    file,
    "is a SQLite database of another application",
    "It was not changed. Give the path of an event store, or of a new file.",
  );
}

function statsOf(path: string, file: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function newFile(path: string, file: string): FileState {
  const directory = dirname(path);
  if (statsOf(directory, file)?.isDirectory() === true) return "new";
  throw new StoreUnavailable(file, `cannot be made: there is no directory ${directory}`, { retryable: false });
}

function readHeader(path: string, file: string): Buffer {
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const handle = openSync(path, "r");
    try {
      readSync(handle, header, 0, HEADER_BYTES, 0);
    } finally {
      closeSync(handle);
    }
    return header;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(file, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
    retryable: false,
    cause,
  });
}

/** Asked through a connection that cannot write. */
function hasTables(path: string): boolean {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    return (database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number) > 0;
  } finally {
    database.close();
  }
}
