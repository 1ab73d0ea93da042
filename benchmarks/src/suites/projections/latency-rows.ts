import { connect, sleep, type EventStore } from "@reactive-domain/foundation";
import { openPostgresReadModels, openPostgresStore } from "@reactive-domain/postgres";
import { measureNotify } from "../../../floors/store-postgres-notify.mjs";
import type { BenchRow } from "../../report.ts";
import { Account, banking } from "../aggregates/account.ts";
import { historyOf } from "../aggregates/history.ts";
import { withStore } from "../store-postgres/our-store.ts";
import { accountDocuments, accountProjections } from "./account-views.ts";

const APPENDS = 1_000;
const WARM_UP = 100;
/** Between two, all that is to be done is done. */
const PAUSE_MS = 2;
const ACCOUNT = "000001";
const PERCENTILES = [
  [50, 6],
  [99, 5],
] as const;

/** From an append to the commit of the projection's row in the same database, by connections of their own, while nothing else goes on; beside a bare NOTIFY. */
export async function latencyRows(url: string): Promise<readonly BenchRow[]> {
  const notifications = await measureNotify(url, APPENDS, PAUSE_MS);
  const times = await withStore(url, "projection_latency", (store, schema) => measure(url, schema, store));
  return PERCENTILES.map(([percentile, most]) => {
    const [value, floor] = [at(times, percentile), at(notifications, percentile)];
    return {
      id: `projection.latency.p${percentile}`,
      name: `append to visible in the table, p${percentile}, beside a bare NOTIFY at the same pace (asked: at most ${most} times)`,
      unit: "ms",
      value,
      floor,
      ratioToFloor: value / floor,
      met: value <= most * floor,
    };
  });
}

async function measure(url: string, schema: string, writer: EventStore): Promise<readonly number[]> {
  await using reader = await openPostgresStore(url, { schema });
  await using views = await openPostgresReadModels(url, { schema });
  const waiting: { told: (() => void) | undefined } = { told: undefined };
  await using projections = accountProjections(reader, views, () => waiting.told?.());
  await projections.start();
  await Promise.all(projections.all.map(({ live }) => live));
  const documents = await accountDocuments(views);
  const stream = connect(banking, writer).streamNames.forAggregate(Account.type, ACCOUNT);
  const times: number[] = [];
  for (let index = 0; index < WARM_UP + APPENDS; index++) {
    const committed = new Promise<void>((resolve) => (waiting.told = resolve));
    const events = historyOf(ACCOUNT, 1, index);
    const startMs = performance.now();
    const written = writer.append(stream, events, { expectedVersion: "any" });
    await committed;
    if (index >= WARM_UP) times.push(performance.now() - startMs);
    await written;
    const kept = await documents.get(ACCOUNT);
    if (kept?.item.changes !== index) throw new Error(`Behind ${index + 1} events the row has ${kept?.item.changes} changes.`);
    await sleep(PAUSE_MS);
  }
  return times.toSorted((a, b) => a - b);
}

function at(sorted: readonly number[], percentile: number): number {
  return sorted[Math.floor((sorted.length * percentile) / 100)] ?? Number.NaN;
}
