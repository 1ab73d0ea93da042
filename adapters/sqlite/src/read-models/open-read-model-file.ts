import type { Runtime } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
import { refuseUnlessDurable } from "../durability.ts";
import { inspectFile, type FileKind } from "../inspect-file.ts";
import { whileBusy } from "../while-busy.ts";
import { readModels } from "./migrations/0001-read-models.ts";
import { projections } from "./migrations/0002-projections.ts";

/** Written into the header of every file of read models (`PRAGMA application_id`): "RDrm" in ASCII. */
const KIND: FileKind = { applicationId: 0x52_44_72_6d, noun: "a file of read models" };
/** In their order; a file's `PRAGMA user_version` tells how many of them it has seen. Published ones never change. */
const MIGRATIONS: readonly string[] = [readModels, projections];

interface Opening {
  readonly path: string;
  /** What errors call the file. */
  readonly file: string;
  readonly mustExist: boolean;
  readonly busyTimeoutMs: number;
  readonly runtime: Runtime;
}

/** Opens a file, and makes it one of read models where it is new, which several processes may do at the same time. */
export async function openReadModelFile(opening: Opening): Promise<Database.Database> {
  return whileBusy(() => tryOpening(opening), { runtime: opening.runtime, timeoutMs: opening.busyTimeoutMs });
}

function tryOpening({ path, file, mustExist }: Opening): Database.Database {
  const isNew = inspectFile(path, file, { mustExist, readOnly: false, kind: KIND }) === "new";
  const database = new Database(path, { fileMustExist: !isNew, timeout: 0 });
  try {
    // The mark goes into the file itself, before the write-ahead log begins: whoever looks at the header knows whose it is.
    if (database.pragma("application_id", { simple: true }) === 0) database.pragma(`application_id = ${KIND.applicationId}`);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    refuseUnlessDurable(database, file);
    migrate(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Database.Database, file: string): void {
  const seen = (): number => database.pragma("user_version", { simple: true }) as number;
  if (seen() > MIGRATIONS.length)
    throw new ForeignStore(
      file,
      `has schema version ${seen()}, and this program knows none above ${MIGRATIONS.length}`,
      "Use the newer version of @reactive-domain/sqlite that made it.",
    );
  if (seen() === MIGRATIONS.length) return;
  database
    .transaction(() => {
      for (const migration of MIGRATIONS.slice(seen())) database.exec(migration);
      database.pragma(`user_version = ${Math.max(seen(), MIGRATIONS.length)}`);
    })
    .immediate();
}
