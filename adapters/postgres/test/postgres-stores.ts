import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import type { TestedStores } from "@reactive-domain/store-tests/vitest";
import { runIn } from "./maintenance/filled-store.ts";
import { startProgram } from "./processes/start-program.ts";
import { storePlace } from "./processes/store-place.ts";

/** Stores in schemas of their own on a server, to the tests of any store. */
export function postgresStores(server: string): TestedStores {
  return {
    newPlace: () => storePlace(server),
    open: (url) => openPostgresStore(url),
    openExisting: (url) => openPostgresStore(url, { autoMigrate: false }),
    openMaintenance: (url) => openPostgresMaintenance(url),
    runSql: (url, sql) => runIn(server, new URL(url).searchParams.get("schema") ?? "", sql),
    startWriter: (url, name, count) => startProgram("child-writer.ts", url, name, count),
    startConsumer: (url, name) => startProgram("child-consumer.ts", url, name),
  };
}
