import { sleep } from "@reactive-domain/foundation";
import { openPostgresStore } from "@reactive-domain/postgres";
import { measureNotify } from "../../../floors/store-postgres-notify.mjs";
import type { BenchRow } from "../../report.ts";
import { newEvents } from "../new-appends.ts";
import { withStore } from "./our-store.ts";

const APPENDS = 2_000;
const WARM_UP = 200;
const PAUSE_MS = 2;
const PERCENTILES = [
  [50, 4],
  [99, 3],
] as const;

/** From an append to the handler of a subscription of another store, with connections of its own, while nothing else goes on; beside a bare NOTIFY. */
export async function latencyRows(url: string): Promise<readonly BenchRow[]> {
  const notifications = await measureNotify(url, APPENDS, PAUSE_MS);
  const times = await withStore(url, "latency", (store, schema) => measure(url, schema, store));
  return PERCENTILES.map(([percentile, times_]) => {
    const [value, floor] = [at(times, percentile), at(notifications, percentile)];
    const name = `append to handler of another store, p${percentile}, beside a bare NOTIFY at the same pace (asked: at most ${times_} times)`;
    return {
      id: `postgres.latency.p${percentile}`,
      name,
      unit: "ms",
      value,
      floor,
      ratioToFloor: value / floor,
      met: value <= times_ * floor,
    };
  });
}

async function measure(url: string, schema: string, writer: Awaited<ReturnType<typeof openPostgresStore>>): Promise<readonly number[]> {
  await using reader = await openPostgresStore(url, { schema });
  await using subscription = reader.subscribe({ all: true });
  const waiting: { heard: (() => void) | undefined } = { heard: undefined };
  const following = (async () => {
    for await (const message of subscription) if (message.kind === "events" && message.events.length > 0) waiting.heard?.();
  })();
  const times: number[] = [];
  for (let index = -WARM_UP; index < APPENDS; index++) {
    const handled = new Promise<void>((resolve) => (waiting.heard = resolve));
    const startMs = performance.now();
    const written = writer.append("account-1", newEvents(1), { expectedVersion: "any" });
    await handled;
    if (index >= 0) times.push(performance.now() - startMs);
    await written;
    await sleep(PAUSE_MS);
  }
  await subscription.close();
  await following;
  return times.toSorted((a, b) => a - b);
}

function at(sorted: readonly number[], percentile: number): number {
  return sorted[Math.floor((sorted.length * percentile) / 100)] ?? Number.NaN;
}
