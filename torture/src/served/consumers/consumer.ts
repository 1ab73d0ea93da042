import { setTimeout as sleep } from "node:timers/promises";
import type { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { Random } from "../../random.ts";
import { sharedMs, type ConsumerOrders, type Taking } from "./consumer-protocol.ts";
import { answerTo, fateOf, type GroupName } from "./fates.ts";
import { DROPPED_KEY, isBeforeKill } from "./sabotages.ts";
import { settledUpTo, subscribe, type Connection, type Given } from "./subscribed.ts";
import { tell } from "./tell.ts";

const PAUSE_MS = 25;
/** Some are slow between what they do and their answer. */
const [SLOW_CHANCE, SLOWEST_MS] = [0.05, 20];

/** What a consumer knows of its process. */
interface Desk {
  readonly orders: ConsumerOrders;
  isReplayed(key: string): boolean;
}

export interface ConsumerOptions {
  readonly group: GroupName;
  readonly client: KurrentDBClient;
  readonly name: string;
  /** It plants the faults that only one is to plant. */
  readonly isFirst: boolean;
}

/** Consumes a persistent subscription, and connects again after each interruption. */
export class Consumer {
  readonly #desk: Desk;
  readonly #options: ConsumerOptions;
  readonly #random: Random;
  #hasPlanted = false;

  constructor(desk: Desk, options: ConsumerOptions) {
    this.#desk = desk;
    this.#options = options;
    this.#random = Random.of(desk.orders.seed, "consumer", options.name);
  }

  async run(): Promise<never> {
    for (let connections = 0; ; connections++) {
      let why = "It ended.";
      try {
        const connection = subscribe(this.#options.client, this.#options.group);
        for await (const given of connection) await this.#handle(connection, given, connections);
      } catch (error) {
        why = error instanceof Error ? `${error.name}: ${error.message}` : "It failed.";
      }
      tell({ kind: "broken", why, atMs: sharedMs() });
      await sleep(PAUSE_MS);
    }
  }

  async #handle(connection: Connection, given: Given, connections: number): Promise<void> {
    const { group, name, isFirst } = this.#options;
    const key = given.event?.data?.key;
    if (key === undefined) throw new Error(`${name} was given a link without its event.`);
    const does = answerTo(fateOf(group, key), given.retryCount, this.#desk.isReplayed(key));
    const taking: Taking = { group, key, attempt: given.retryCount, does, by: `${name}.${connections}`, atMs: sharedMs() };
    const { sabotage } = this.#desk.orders;
    if (isFirst && does === "ack" && isBeforeKill(sabotage) && !this.#hasPlanted) return this.#plant(connection, given, taking);
    tell({ kind: "took", taking });
    if (this.#random.chance(SLOW_CHANCE)) await sleep(this.#random.integer(1, SLOWEST_MS));
    if (sabotage === "drop-ack" && key === DROPPED_KEY && does === "ack") return;
    answer(connection, given, does === "park" && sabotage === "skip-parked" ? "skip" : does);
  }

  /** Acknowledges what it has not done, or will do again. */
  #plant(connection: Connection, given: Given, taking: Taking): void {
    this.#hasPlanted = true;
    if (this.#desk.orders.sabotage === "handle-again") tell({ kind: "took", taking });
    answer(connection, given, "ack");
    void this.#awaitSettled(taking, Number(given.link?.revision ?? -1n));
  }

  /** Others are handled meanwhile, so that the server can settle all before it. */
  async #awaitSettled(taking: Taking, place: number): Promise<void> {
    const { client, group } = this.#options;
    while ((await settledUpTo(client, group)) < place) await sleep(PAUSE_MS);
    tell({ kind: "planted", taking, place });
  }
}

/** What does not come through is given out again. */
function answer(connection: Connection, given: Given, what: Taking["does"] | "skip"): void {
  if (what === "leave") return;
  const answered = what === "ack" ? connection.ack(given) : connection.nack(what, "as its key says", given);
  answered.catch(() => undefined);
}
