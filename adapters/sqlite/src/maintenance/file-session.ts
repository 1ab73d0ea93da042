import type { Runtime } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import { inspectFile } from "../inspect-file.ts";
import { refuseUnknown } from "../migrations/migrate.ts";
import { HAS_LOST_VERSION, ImpossibleVersion } from "../migrations/schema-version.ts";
import { untilFree, type BusyWait } from "../while-busy.ts";
import { SqlThread } from "../sql-thread.ts";

/** The file that is looked after, and how. */
export interface StoreFile {
  readonly path: string;
  /** What errors call it. */
  readonly name: string;
  readonly busyTimeoutMs: number;
  readonly runtime: Runtime;
}

/** How one call works with the file. */
export interface SessionOptions {
  readonly readOnly: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An open file, of whatever schema this program knows. */
export interface FileSession {
  readonly file: StoreFile;
  readonly sql: SqlThread;
  readonly schemaVersion: number;
  readonly busyWait: BusyWait;
  readonly signal: AbortSignal | undefined;
}

/** Refuses what is no store, or may not be written where it is to be, without opening it. Errors: `store-unavailable`, `foreign-store`. */
export function refuseOther({ path, name }: StoreFile, readOnly = true): void {
  if (inspectFile(path, name, { mustExist: true, readOnly }) === "new")
    throw new ForeignStore(name, "is empty", "Give the path of an event store, or open it for writing once.");
}

/** Works with a file on a connection of its own. Errors: `foreign-store`, also where a newer program made it; `store-unavailable`. */
export async function withFile<T>(
  file: StoreFile,
  { readOnly, signal }: SessionOptions,
  work: (session: FileSession) => Promise<T>,
): Promise<T> {
  refuseOther(file, readOnly);
  const busyWait = { runtime: file.runtime, timeoutMs: file.busyTimeoutMs, signal };
  await using sql = new SqlThread({ path: file.path, readOnly, signal });
  const schemaVersion = await untilFree(() => sql.value<number>("PRAGMA user_version"), busyWait);
  refuseUnknown(schemaVersion, file.name);
  if (schemaVersion === 0 && (await untilFree(() => sql.value<number>(HAS_LOST_VERSION), busyWait)) === 1)
    throw new ImpossibleVersion(file.name, schemaVersion);
  return await work({ file, sql, schemaVersion, busyWait, signal });
}

/** Lets several reads tell of one moment. */
export async function atOneMoment<T>({ sql, busyWait }: FileSession, read: () => Promise<T>): Promise<T> {
  await sql.all("BEGIN");
  // A transaction begins with its first read, which may find the file held for a moment.
  await untilFree(() => sql.all("SELECT count(*) FROM sqlite_schema"), busyWait);
  const result = await read();
  // Nothing was written, and a commit would fail where SQLite came upon damage.
  await sql.all("ROLLBACK");
  return result;
}
