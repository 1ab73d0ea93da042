import { join } from "node:path";
import { connect, createInMemoryStore, sleep, systemRuntime, type EventStore, type NewEvent } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { openAppendFloor as openPostgresFloor } from "../../../floors/store-postgres-append.mjs";
import { openAppendFloor as openSqliteFloor } from "../../../floors/store-sqlite-append.mjs";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { Account, banking } from "../aggregates/account.ts";
import { withStore } from "../store-postgres/our-store.ts";
import { schemaOf } from "../store-postgres/place.ts";
import { Balances } from "./balances.ts";

const APPENDS = 2_000;
const WARM_UP = 200;
/** Between two, all that is to be done is done. */
const PAUSE_MS = 2;
const AT_MOST = 3;
const ACCOUNT = "000001";
const DEPOSIT: Omit<NewEvent, "id"> = {
  type: "AmountDeposited",
  schemaVersion: 1,
  contentType: "application/json",
  data: JSON.stringify({ accountId: ACCOUNT, amountCents: 500 }),
  metadata: '{"correlationId":"0199b2a4-0000-7000-8000-000000000001","timeMs":1700000000000}',
};

interface Times {
  readonly handledMs: number;
  readonly appendMs: number;
  readonly bareMs: number;
}

type BareAppend = (stream: string, event: NewEvent) => unknown;

/** From an append to the handler of a read model in the same process, while nothing else goes on, beside bare appends in turn with it. */
export async function latencyRows(url: string): Promise<readonly BenchRow[]> {
  return [...(await sqliteRows()), ...(await memoryRows()), ...(await postgresRows(url))];
}

function judged(row: BenchRow): BenchRow {
  return { ...row, met: row.value <= AT_MOST * (row.floor ?? 0) };
}

function sqliteRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    await using store = await openSqliteStore(join(folder, "store.db"));
    const floor = openSqliteFloor(join(folder, "floor.db"));
    const times = await measure(store, (stream, event) => floor.appendAll([{ stream, events: [event] }]));
    floor.close();
    const asked = ` (asked: p99 at most ${AT_MOST} times)`;
    const rows = rowsOf("readmodel.latency", `SQLite, beside a bare append${asked}`, times);
    return rows.map((row) => (row.id.endsWith("p99") ? judged(row) : row));
  });
}

async function memoryRows(): Promise<readonly BenchRow[]> {
  await using store = createInMemoryStore();
  const events: NewEvent[] = [];
  return rowsOf("readmodel.latency.memory", "in memory, beside a push to an array", await measure(store, (_, event) => events.push(event)));
}

function postgresRows(url: string): Promise<readonly BenchRow[]> {
  return withStore(url, "model_latency", async (store) => {
    const floor = await openPostgresFloor({ url, schema: schemaOf("model_latency_floor") }, 1);
    try {
      const times = await measure(store, (stream, event) => floor.appendEach([{ stream, events: [event] }]));
      return rowsOf("readmodel.latency.postgres", "PostgreSQL, beside a bare insert", times);
    } finally {
      await floor.close();
    }
  });
}

async function measure(store: EventStore, bareAppend: BareAppend): Promise<readonly Times[]> {
  const bank = connect(banking, store);
  const stream = bank.streamNames.forAggregate(Account.type, ACCOUNT);
  await using balances = new Balances();
  await balances.start(bank.category(Account));
  await balances.live;
  const times: Times[] = [];
  for (let index = -WARM_UP; index < APPENDS; index++) {
    const bareMs = await timedAppend(() => bareAppend(stream, newDeposit()));
    const handled = balances.whenNext();
    const startMs = performance.now();
    const appending = timedAppend(() => store.append(stream, [newDeposit()], { expectedVersion: "any" }));
    await handled;
    const handledMs = performance.now() - startMs;
    const appendMs = await appending;
    if (index >= 0) times.push({ handledMs, appendMs, bareMs });
    await sleep(PAUSE_MS);
  }
  return times;
}

async function timedAppend(append: () => unknown): Promise<number> {
  const startMs = performance.now();
  await append();
  const ms = performance.now() - startMs;
  await sleep(PAUSE_MS);
  return ms;
}

function newDeposit(): NewEvent {
  return { id: systemRuntime.ids.next(), ...DEPOSIT };
}

function rowsOf(id: string, where: string, times: readonly Times[]): readonly BenchRow[] {
  const of = (part: keyof Times, percentile: number): number =>
    at(
      times.map((one) => one[part]),
      percentile,
    );
  return [50, 99].flatMap((percentile) => {
    const floor = of("bareMs", percentile);
    const row = (suffix: string, name: string, value: number): BenchRow => {
      return {
        id: `${id}${suffix}.p${percentile}`,
        name: `${name}, p${percentile}: ${where}`,
        unit: "ms",
        value,
        floor,
        ratioToFloor: value / floor,
      };
    };
    return [row("", "append to handled", of("handledMs", percentile)), row(".append", "append alone", of("appendMs", percentile))];
  });
}

function at(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length * percentile) / 100)] ?? Number.NaN;
}
