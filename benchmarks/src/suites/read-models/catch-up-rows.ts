import { join } from "node:path";
import type { EventStore } from "@reactive-domain/foundation";
import { openPostgresStore } from "@reactive-domain/postgres";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { foldPostgres, foldSqlite } from "../../../floors/read-models-catchup.mjs";
import { compare, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { rowOf } from "../row-of.ts";
import { runSql, withStore } from "../store-postgres/our-store.ts";
import { writeAccounts } from "./account-history.ts";
import { catchingUp, categoryOf, foldingByHand, readingBatches } from "./catch-up-works.ts";

const ROUNDS = 5;
const EVENTS = 1_000_000;
const TARGET = 0.7;
/** The floor's pages are as large as those that a subscription has unless its user says so. */
const SQLITE_PAGE_EVENTS = 250;
const POSTGRES_PAGE_EVENTS = 1_000;

interface Place {
  readonly id: string;
  readonly system: string;
  readonly store: EventStore;
  readonly floor: Work;
}

/** Catch-ups over a file of SQLite. */
export async function sqliteCatchUpRows(onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, "store.db");
    await using store = await openSqliteStore(file);
    onDurability(store.durability);
    await writeAccounts(store, EVENTS);
    const pages = { category: categoryOf(store), pageEvents: SQLITE_PAGE_EVENTS };
    const floor = foldingByHand(() => foldSqlite(file, pages), EVENTS);
    return await rowsOf({ id: "readmodel.catchup.sqlite", system: "SQLite", store, floor });
  });
}

/** Catch-ups over a schema of PostgreSQL. */
export async function postgresCatchUpRows(url: string, onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  return withStore(url, "catchup", async (written, schema) => {
    onDurability(written.durability);
    await writeAccounts(written, EVENTS);
    await runSql(url, `VACUUM ANALYZE ${schema}.events`);
    // What was planned before the tables were known to be full is not used any more.
    await using store = await openPostgresStore(url, { schema });
    const pages = { category: categoryOf(store), pageEvents: POSTGRES_PAGE_EVENTS };
    const floor = foldingByHand(() => foldPostgres({ url, schema }, pages), EVENTS);
    return await rowsOf({ id: "readmodel.catchup.postgres", system: "PostgreSQL", store, floor });
  });
}

async function rowsOf({ id, system, store, floor }: Place): Promise<readonly BenchRow[]> {
  const unit = "events/s";
  const what = `a read model over ${EVENTS.toLocaleString("en-US")} events in ${system}`;
  const category = await compare(catchingUp(store, "category", EVENTS), floor, ROUNDS);
  const all = await compare(catchingUp(store, "all", EVENTS), floor, ROUNDS);
  const read = await compare(readingBatches(store, EVENTS), floor, ROUNDS);
  return [
    rowOf({ id, name: `${what}, a category, from start to live`, unit, ...category, target: TARGET }),
    rowOf({ id: `${id}.all`, name: "the same, all events of the context", unit, ...all, target: TARGET }),
    { id: `${id}.read`, name: "the same events read in batches, nothing parsed", unit, ...read, ratioToFloor: read.value / read.floor },
  ];
}
