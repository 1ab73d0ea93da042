import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { KurrentDBClient, persistentSubscriptionToStreamSettingsFromDefaults, ROUND_ROBIN, START } from "@kurrent/kurrentdb-client";
import type { PersistentSubscriptionToStream } from "@kurrent/kurrentdb-client";
import type { EventStore } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { rowOf } from "../row-of.ts";
import { startBareServer } from "./bare-server.ts";
import { clientRow } from "./client-row.ts";
import { EVENTS, parse, STREAM, writeHistory } from "./history.ts";
import { serveFile } from "./served-file.ts";

const ROUNDS = 3;
const CONSUMERS = 4;
/** What a consumer holds at a time, and what one of the client acknowledges at once. */
const [HELD, ACKNOWLEDGED] = [1_000, 250];
const [LOOK_MS, MOST_MS] = [10, 60_000];
const LAST_REVISION = BigInt(EVENTS - 1);
const TARGET = 0.4;

type Consumer = PersistentSubscriptionToStream;
type Handled = Parameters<Consumer["ack"]>[number];

/** Four consumers of a persistent subscription by the official client, beside four of such a group in this process, on a file of the same kind. */
export async function groupRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const [servedFile, floorFile] = [join(folder, "served.db"), join(folder, "floor.db")];
    await writeHistory(servedFile);
    await writeHistory(floorFile);
    await using served = await serveFile(servedFile);
    await using store = await openSqliteStore(floorFile);
    await using bare = await startBareServer(EVENTS);
    const [client, alone] = [served, bare].map(({ url }) => KurrentDBClient.connectionString(url)) as [KurrentDBClient, KurrentDBClient];
    const floor = grouped(store);
    const ours = await compare(subscribed(client, settled), floor, ROUNDS);
    const most = await compare(
      subscribed(alone, () => Promise.resolve()),
      floor,
      ROUNDS,
    );
    await Promise.all([client.dispose(), alone.dispose()]);
    const row = { id: "kurrent.group.4", unit: "events/s" };
    return [
      rowOf({ ...row, name: "persistent subscription, 4 consumers, 100,000 events, official client", ...ours, target: TARGET }),
      clientRow({ ...row, name: "the same, of a server that sends what it made before and drops what is acknowledged" }, most, ours.value),
    ];
  });
}

/** Every round has a subscription of its own. It is over when everything is acknowledged, and the server has written that. */
function subscribed(client: KurrentDBClient, written: (client: KurrentDBClient, group: string) => Promise<void>): Work {
  let round = 0;
  return {
    run: async () => {
      const group = `round${round++}`;
      const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, consumerStrategyName: ROUND_ROBIN });
      await client.createPersistentSubscriptionToStream(STREAM, group, settings);
      const consumers = Array.from({ length: CONSUMERS }, () =>
        client.subscribeToPersistentSubscriptionToStream(STREAM, group, { bufferSize: HELD }, { readableHighWaterMark: HELD }),
      );
      const ms = await timed(async () => {
        await handled(consumers);
        await written(client, group);
      });
      await Promise.all(consumers.map((consumer) => consumer.unsubscribe()));
      return { units: EVENTS, ms };
    },
  };
}

/** Acknowledges {@link EVENTS} among all consumers. */
async function handled(consumers: readonly Consumer[]): Promise<void> {
  const acknowledgements = consumers.map((consumer) => new Acknowledgements(consumer));
  let left = EVENTS;
  await new Promise<void>((resolve, reject) => {
    for (const one of acknowledgements)
      one.consumer.on("error", reject).on("data", (event) => {
        one.add(event);
        if (--left === 0) resolve();
      });
  });
  await Promise.all(acknowledgements.map((one) => one.end()));
}

/** What a consumer has handled: acknowledged in batches, as soon as one is full. */
class Acknowledgements {
  readonly consumer: Consumer;
  #handled: Handled[] = [];
  readonly #sent: Promise<void>[] = [];

  constructor(consumer: Consumer) {
    this.consumer = consumer;
  }

  add(event: Handled): void {
    this.#handled.push(event);
    if (this.#handled.length === ACKNOWLEDGED) this.#send();
  }

  async end(): Promise<void> {
    this.#send();
    await Promise.all(this.#sent);
  }

  #send(): void {
    const events = this.#handled;
    this.#handled = [];
    if (events.length > 0) this.#sent.push(this.consumer.ack(...events));
  }
}

/** Resolves when the server has written that everything is acknowledged. */
async function settled(client: KurrentDBClient, group: string): Promise<void> {
  const endMs = performance.now() + MOST_MS;
  for (;;) {
    const { stats } = await client.getPersistentSubscriptionToStreamInfo(STREAM, group);
    if (stats.lastCheckpointedEventRevision === LAST_REVISION) return;
    if (performance.now() > endMs)
      throw new Error(`The server has settled up to revision ${stats.lastCheckpointedEventRevision} of ${LAST_REVISION}.`);
    await sleep(LOOK_MS);
  }
}

/** Consumers that take as much at once as one of the client holds, and acknowledge all of it by one write: what takes the least here. */
function grouped(store: EventStore): Work {
  let round = 0;
  return {
    run: async () => {
      const group = `round${round++}`;
      await store.groups.create(group, { source: { stream: STREAM }, orderBy: "none", behindParked: "pass" });
      const ms = await timed(() => Promise.all(Array.from({ length: CONSUMERS }, (_, index) => consume(store, group, `consumer${index}`))));
      const { settledUpTo, claimed, waiting } = await store.groups.status(group);
      if (settledUpTo !== EVENTS - 1 || claimed + waiting > 0) throw new Error(`${settledUpTo} of ${EVENTS} events are settled.`);
      return { units: EVENTS, ms };
    },
  };
}

async function consume(store: EventStore, group: string, consumer: string): Promise<void> {
  for (;;) {
    const deliveries = await store.groups.claim(group, { consumer, maxEvents: HELD });
    if (deliveries.length === 0) return;
    for (const { event } of deliveries) parse(event);
    const acknowledged = deliveries.map(({ position, fence }) => ({ position, fence, outcome: "acknowledge" }) as const);
    await store.write([{ kind: "settle", group, deliveries: acknowledged }]);
  }
}
