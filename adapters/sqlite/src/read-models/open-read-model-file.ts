import type { Runtime } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
import { refuseUnlessDurable } from "../durability.ts";
import { inspectFile, type FileKind } from "../inspect-file.ts";
import { whileBusy } from "../while-busy.ts";

/** Written into the header of every file of read models (`PRAGMA application_id`): "RDrm" in ASCII. */
const KIND: FileKind = { applicationId: 0x52_44_72_6d, noun: "a file of read models" };
/** `PRAGMA user_version`. */
const SCHEMA_VERSION = 1;

/** No item that was deleted had a greater version than `last_version`. */
const SCHEMA = `
CREATE TABLE read_models (
  name TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  shape TEXT NOT NULL,
  last_version INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (name, schema_version)
) STRICT, WITHOUT ROWID`;

interface Opening {
  readonly path: string;
  /** What errors call the file. */
  readonly file: string;
  readonly busyTimeoutMs: number;
  readonly runtime: Runtime;
}

/** Opens a file, and makes it one of read models where it is new, which several processes may do at the same time. */
export async function openReadModelFile(opening: Opening): Promise<Database.Database> {
  return whileBusy(() => tryOpening(opening), { runtime: opening.runtime, timeoutMs: opening.busyTimeoutMs });
}

function tryOpening({ path, file }: Opening): Database.Database {
  const isNew = inspectFile(path, file, { mustExist: false, readOnly: false, kind: KIND }) === "new";
  const database = new Database(path, { fileMustExist: !isNew, timeout: 0 });
  try {
    // The mark goes into the file itself, before the write-ahead log begins: whoever looks at the header knows whose it is.
    if (database.pragma("application_id", { simple: true }) === 0) database.pragma(`application_id = ${KIND.applicationId}`);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    refuseUnlessDurable(database, file);
    makeCatalog(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function makeCatalog(database: Database.Database, file: string): void {
  const seen = (): number => database.pragma("user_version", { simple: true }) as number;
  if (seen() > SCHEMA_VERSION)
    throw new ForeignStore(
      file,
      `has schema version ${seen()}, and this program knows none above ${SCHEMA_VERSION}`,
      "Use the newer version of @reactive-domain/sqlite that made it.",
    );
  if (seen() === SCHEMA_VERSION) return;
  database
    .transaction(() => {
      if (seen() !== 0) return;
      database.exec(SCHEMA);
      database.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    .immediate();
}
