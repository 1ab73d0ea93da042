import { setTimeout as sleep } from "node:timers/promises";
import { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { Consumer } from "./consumer.ts";
import { REPEATED, sharedMs, type ConsumerOrders } from "./consumer-protocol.ts";
import { GROUP_NAMES } from "./fates.ts";
import { tell } from "./tell.ts";

/** Consumers of one process in each group. */
const CONSUMERS = 2;
const [TICK_MS, STALL_MS] = [50, 300];

/** A process with consumers: two of each group, on all servers in turn. */
export class ConsumerDesk {
  readonly orders: ConsumerOrders;
  readonly #replayed: Set<string>;

  constructor(orders: ConsumerOrders) {
    this.orders = orders;
    this.#replayed = new Set(orders.replayed);
  }

  addReplayed(keys: readonly string[]): void {
    for (const key of keys) this.#replayed.add(key);
  }

  isReplayed(key: string): boolean {
    return this.#replayed.has(key);
  }

  async run(): Promise<void> {
    const { urls, slot, life, repeated } = this.orders;
    if (repeated !== null) tell({ kind: "took", taking: { ...repeated, by: `${slot}.${life}${REPEATED}`, atMs: sharedMs() } });
    const clients = urls.map((url) => KurrentDBClient.connectionString(url));
    const consumers = GROUP_NAMES.flatMap((group) =>
      Array.from({ length: CONSUMERS }, (_, index) => {
        const client = clients[(slot + index) % clients.length];
        if (client === undefined) throw new Error("There is no server to consume from.");
        return new Consumer(this, {
          group,
          client,
          name: `${slot}.${life}.${group}-${index}`,
          isFirst: group === GROUP_NAMES[0] && slot + life + index === 0,
        });
      }),
    );
    await Promise.all([watchStalls(), ...consumers.map((consumer) => consumer.run())]);
  }
}

/** Answers of a process that could do nothing may be late. */
async function watchStalls(): Promise<void> {
  for (let beforeMs = sharedMs(); ;) {
    await sleep(TICK_MS);
    const nowMs = sharedMs();
    if (nowMs - beforeMs > STALL_MS) tell({ kind: "stalled", fromMs: beforeMs, toMs: nowMs });
    beforeMs = nowMs;
  }
}
