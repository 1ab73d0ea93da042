import { closeSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";
import { APPLICATION_ID } from "./migrations/migrate.ts";
import { DAMAGED, notADatabase, READ_ONLY } from "./sqlite-failure.ts";

/** What an existing or missing file is to become. */
export type FileState = "new" | "store";

/** SQLite's "Database File Format", sections 1.3 and 1.6: the header, and behind it the first page of the table of tables. */
const MAGIC = "SQLite format 3\0";
const WRITE_VERSION_OFFSET = 18;
const WRITE_AHEAD_LOG = 2;
const APPLICATION_ID_OFFSET = 68;
const FIRST_PAGE_OFFSET = 100;
const TABLE_LEAF = 0x0d;
const READ_BYTES = FIRST_PAGE_OFFSET + 8;
/** What the file system answers where a file may be read and not written. */
const READ_ONLY_CODES: ReadonlySet<unknown> = new Set(["EACCES", "EPERM", "EROFS"]);

export interface Inspection {
  readonly mustExist: boolean;
  readonly readOnly: boolean;
  /** What the file is to be. Default: an event store. */
  readonly kind?: FileKind;
}

/** What marks a file, and what it is called. */
export interface FileKind {
  readonly applicationId: number;
  readonly noun: string;
}

const EVENT_STORE: FileKind = { applicationId: APPLICATION_ID, noun: "an event store" };

/**
 * Looks at a file before SQLite opens it, because SQLite may change it then: a journal is rolled back, a log is moved into the file.
 *
 * Errors: `store-unavailable` for a directory or a missing one, a file that may not be written, or one that is cut within its header; `foreign-store` for a file
 * that is something else.
 */
export function inspectFile(path: string, file: string, { mustExist, readOnly, kind = EVENT_STORE }: Inspection): FileState {
  const stats = statsOf(path, file);
  if (stats === undefined && mustExist) throw new StoreUnavailable(file, "does not exist", { retryable: false });
  if (stats === undefined) return newFile(path, file);
  if (stats.isDirectory()) throw new StoreUnavailable(file, "is a directory, and must be a file", { retryable: false });
  if (stats.size === 0) return "new";
  if (!readOnly) refuseUnlessWritable(path, file);
  const header = readHeader(path, file);
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw notADatabase(file, kind.noun);
  if (stats.size < FIRST_PAGE_OFFSET) throw new StoreUnavailable(file, DAMAGED, { retryable: false });
  const applicationId = header.readInt32BE(APPLICATION_ID_OFFSET);
  if (applicationId === kind.applicationId) return "store";
  if (applicationId === 0 && isEmptyDatabase(header)) return "new";
  throw new ForeignStore(file, "is a SQLite database of another application", `It was not changed. Give the path of ${kind.noun}.`);
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

/** SQLite would open it for reading instead, and make files beside it that are read-only like itself, and stay so. */
function refuseUnlessWritable(path: string, file: string): void {
  try {
    closeSync(openSync(path, "r+"));
  } catch (cause) {
    // Who may not even read it hears of that.
    if (!READ_ONLY_CODES.has((cause as NodeJS.ErrnoException).code)) throw unreadable(file, cause);
    readHeader(path, file);
    throw new StoreUnavailable(file, READ_ONLY, { retryable: false, cause });
  }
}

function readHeader(path: string, file: string): Buffer {
  try {
    const header = Buffer.alloc(READ_BYTES);
    const handle = openSync(path, "r");
    try {
      readSync(handle, header, 0, READ_BYTES, 0);
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

/** Whether a database has no tables. What stands in a write-ahead log is not looked at: a database that has one is in use. */
function isEmptyDatabase(header: Buffer): boolean {
  if (header.readUInt8(WRITE_VERSION_OFFSET) === WRITE_AHEAD_LOG) return false;
  return header.readUInt8(FIRST_PAGE_OFFSET) === TABLE_LEAF && header.readUInt16BE(FIRST_PAGE_OFFSET + 3) === 0;
}
