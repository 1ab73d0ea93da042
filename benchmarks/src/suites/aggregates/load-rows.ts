import { join } from "node:path";
import type { EventStore } from "@reactive-domain/foundation";
import { openPostgresStore } from "@reactive-domain/postgres";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { rowOf } from "../row-of.ts";
import { runSql, withStore } from "../store-postgres/our-store.ts";
import { compareWithEmmett } from "./emmett.ts";
import { loadingAccounts, readingStreams, STREAM_EVENTS, writeStreams, type Loads } from "./load-works.ts";

const SQLITE_ROUNDS = 7;
const POSTGRES_ROUNDS = 5;
const FLOOR_TARGET = 0.7;
const RIVAL_TARGET = 1.5;
const ROWS: readonly (Loads & { readonly suffix: string; readonly how: string })[] = [
  { suffix: "", how: "one after another", count: 4_000, callers: 1 },
  { suffix: ".32", how: "32 at a time", count: 12_000, callers: 32 },
];

/** Loading from a file of SQLite beside reading the same streams. */
export async function sqliteLoadRows(onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    await using store = await openSqliteStore(join(folder, "store.db"));
    onDurability(store.durability);
    await writeStreams(store);
    const rows: BenchRow[] = [];
    for (const { suffix, how, ...loads } of ROWS) {
      const rates = await compare(loadingAccounts(store, loads), readingStreams(store, loads), SQLITE_ROUNDS);
      rows.push(rowOf({ id: `aggregate.load.10.sqlite${suffix}`, ...nameOf("SQLite", how), ...rates, target: FLOOR_TARGET }));
    }
    return rows;
  });
}

/** Loading from PostgreSQL beside reading the same streams, and beside Emmett's `aggregateStream`. */
export async function postgresLoadRows(url: string, onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  return withStore(url, "aggregates", async (written, schema) => {
    onDurability(written.durability);
    await writeStreams(written);
    await runSql(url, `VACUUM ANALYZE ${schema}.events`);
    // What was planned before the tables were known to be full is not used any more.
    await using store = await openPostgresStore(url, { schema });
    const rows: BenchRow[] = [];
    for (const { suffix, how, ...loads } of ROWS) rows.push(await postgresRow(url, store, { suffix, how, loads }));
    return rows;
  });
}

async function postgresRow(
  url: string,
  store: EventStore & { readonly durability: string },
  { suffix, how, loads }: { readonly suffix: string; readonly how: string; readonly loads: Loads },
): Promise<BenchRow> {
  const { rates, columns } = await compareWithEmmett(url, {
    ours: loadingAccounts(store, loads),
    floor: readingStreams(store, loads),
    durability: store.durability,
    rounds: POSTGRES_ROUNDS,
    run: { program: "aggregate.mjs", flags: ["--callers", `${loads.callers}`, "--events", `${loads.count * STREAM_EVENTS}`] },
  });
  const row = rowOf({ id: `aggregate.load.10.postgres${suffix}`, ...nameOf("PostgreSQL", how), ...rates, target: FLOOR_TARGET });
  const met = row.met === true && (columns.ratioToRival ?? 0) >= RIVAL_TARGET;
  return { ...row, ...columns, rivalTarget: RIVAL_TARGET, met };
}

function nameOf(where: string, how: string): { readonly name: string; readonly unit: string } {
  return { name: `load aggregates of ${STREAM_EVENTS} events from ${where}, ${how}`, unit: "aggregates/s" };
}
