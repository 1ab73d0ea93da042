import { measureNotify } from "../../../floors/store-postgres-notify.mjs";
import type { BenchReport, BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import type { Work } from "../../measure.ts";
import { appendToFloor, type AppendLoad, type Sharing } from "./append-floor.ts";
import { databaseUrl } from "./place.ts";
import { readFloor, scanFloor, withHistory } from "./read-floor.ts";
import { runEmmett, type EmmettRun } from "./rival-runs.ts";

interface AppendRow extends AppendLoad {
  readonly run: EmmettRun;
  readonly name: string;
  readonly sharing: Sharing;
}

const APPENDS: readonly AppendRow[] = [
  { run: "append.seq", name: "append 1 event, one after another", appends: 8_192, events: 1, callers: 1, sharing: "own" },
  { run: "append.32", name: "append 1 event, 32 callers", appends: 16_384, events: 1, callers: 32, sharing: "own" },
  { run: "append.256", name: "append 1 event, 256 callers", appends: 51_200, events: 1, callers: 256, sharing: "round" },
  { run: "append.10x32", name: "append 10 events, 32 callers", appends: 8_192, events: 10, callers: 32, sharing: "round" },
];
const READERS = 32;
const PAGES = [250, 1_000] as const;
const NOTIFICATIONS = 2_000;

/** The floors of the PostgreSQL store, in the place of the store, beside Emmett's. */
export async function runStorePostgresSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  let durability = "";
  const rows: BenchRow[] = [];
  for (const { run, name, sharing, ...load } of APPENDS) {
    const value = await rateOf(appendToFloor(url, load, sharing, (seen) => (durability = seen)));
    rows.push(await besideRival(url, run, { id: `postgres.floor.${run}`, name: `by hand: ${name}`, unit: "events/s", value, durability }));
  }
  const reads = await withHistory(url, (table) => readRows(url, table));
  for (const { run, ...row } of reads) rows.push(await besideRival(url, run, { ...row, durability }));
  return { durability, rows: [...rows, ...(await notifyRows(url))] };
}

async function readRows(url: string, table: string): Promise<readonly (BenchRow & { readonly run: EmmettRun })[]> {
  const read = await rateOf(readFloor(url, table, READERS));
  const name = `by hand: read streams of 10 events, ${READERS} callers`;
  const rows: (BenchRow & { run: EmmettRun })[] = [{ run: "read.10", id: "postgres.floor.read.10", name, unit: "streams/s", value: read }];
  for (const [index, page] of PAGES.entries()) {
    const value = await rateOf(scanFloor(url, table, page));
    const run = index === 0 ? "catchup.default" : "catchup.bare";
    rows.push({
      run,
      id: `postgres.floor.scan.${page}`,
      name: `by hand: scan 1,000,000 events, pages of ${page}`,
      unit: "events/s",
      value,
    });
  }
  return rows;
}

async function notifyRows(url: string): Promise<readonly BenchRow[]> {
  const times = await measureNotify(url, NOTIFICATIONS);
  return [50, 99].map((percentile) => ({
    id: `postgres.floor.notify.p${percentile}`,
    name: `by hand: NOTIFY to its notification, p${percentile}`,
    unit: "ms",
    value: times[Math.floor((times.length * percentile) / 100)] ?? Number.NaN,
  }));
}

async function besideRival(url: string, run: EmmettRun, row: BenchRow & { readonly durability: string }): Promise<BenchRow> {
  const { durability, ...own } = row;
  return { ...own, ...rivalColumns({ value: row.value, durability }, await runEmmett(url, run)) };
}

async function rateOf(work: Work): Promise<number> {
  const { units, ms } = await work.run();
  return (units * 1_000) / ms;
}
