import { resolve } from "node:path";
import type { Runtime } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
import { refuseUnlessDurable } from "./durability.ts";
import { inspectFile } from "./inspect-file.ts";
import { APPLICATION_ID, migrate, refuseUnlessNewest } from "./migrations/migrate.ts";
import { whileBusy } from "./while-busy.ts";

/** How a file is opened. */
export interface Opening {
  readonly path: string;
  /** What errors call it. */
  readonly file: string;
  readonly readOnly: boolean;
  readonly mustExist: boolean;
  /** How long another process is waited for. */
  readonly busyTimeoutMs: number;
  readonly runtime: Runtime;
}

/** An open file. */
interface Opened {
  readonly database: Database.Database;
  /** The schema version that it was found with. */
  readonly found: number;
}

const CACHE_KIB = 32 * 1024;

/** Opens a file, and makes a store of it where it is new, which several processes may do at the same time. */
export async function openDatabase(opening: Opening): Promise<Database.Database> {
  return (await openWhenFree(opening)).database;
}

/** Brings the schema of a file up, and tells the version that it was found with. */
export async function migrateFile(opening: Opening): Promise<number> {
  const { database, found } = await openWhenFree(opening);
  database.close();
  return found;
}

async function openWhenFree(opening: Opening): Promise<Opened> {
  return whileBusy(() => tryOpening(opening), { runtime: opening.runtime, timeoutMs: opening.busyTimeoutMs });
}

function tryOpening(opening: Opening): Opened {
  const { path, file, readOnly, mustExist } = opening;
  const isNew = inspectFile(path, file, { mustExist: mustExist || readOnly, readOnly }) === "new";
  if (isNew && readOnly) throw new ForeignStore(file, "is empty", "Give the path of an event store, or open it for writing once.");
  // Further connections are opened by its name, whatever folder the process works in by then.
  const database = new Database(resolve(path), { readonly: readOnly, fileMustExist: !isNew, timeout: 0 });
  try {
    return { database, found: prepare(database, opening) };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: Database.Database, { file, readOnly, runtime }: Opening): number {
  database.pragma("foreign_keys = OFF");
  database.pragma(`cache_size = -${CACHE_KIB}`);
  if (readOnly) return refuseUnlessNewest(database, file);
  // The mark goes into the file itself, before the write-ahead log begins: whoever looks at the header knows whose it is.
  if (database.pragma("application_id", { simple: true }) === 0) database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  refuseUnlessDurable(database, file);
  return migrate(database, file, runtime.ids);
}
