import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { startChild, type Child, type TestedStores } from "@reactive-domain/store-tests/vitest";
import { temporaryFile } from "./temporary-file.ts";
import { withDatabase } from "./with-database.ts";

/** Stores in files of their own, to the tests of any store. */
export const SQLITE_STORES: TestedStores = {
  newPlace: temporaryFile,
  open: (path) => openSqliteStore(path, { pollIntervalMs: 5 }),
  openExisting: (path) => openSqliteStore(path, { mustExist: true }),
  openMaintenance: (path) => openSqliteMaintenance(path),
  runSql: async (path, sql) => withDatabase(path, (database) => void database.exec(sql)),
  startWriter: startChildWriter,
  startConsumer: (path, name) => startChild(new URL("child-consumer.ts", import.meta.url), path, name),
};

/** Starts another process that appends `count` events to the store in a file. */
export function startChildWriter(path: string, name: string, count: number): Child {
  return startChild(new URL("child-writer.ts", import.meta.url), path, name, count);
}
