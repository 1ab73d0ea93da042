import { setTimeout as sleep } from "node:timers/promises";
import { ReactiveDomainError } from "@reactive-domain/core";
import type { EventStore, WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { Orders, SentWrite } from "../protocol.ts";
import { Random } from "../random.ts";
import { report } from "./reporter.ts";

/** Refusals that callers live with. Whatever else is refused is a fault. */
const EXPECTED: ReadonlySet<string> = new Set([
  "wrong-expected-version",
  "wrong-checkpoint",
  "fenced",
  "lease-lost",
  "delivery-lost",
  "event-already-recorded",
]);
/** Some writers are slow to tell: a kill in between leaves a write that is done and not known to be. */
const SLOW_CHANCE = 0.15;
const SLOWEST_MS = 12;

export type Outcome = { readonly result: WriteResult } | { readonly refused: string };

/** Where all of a child's writes go through: each is reported when it is sent, and again when its outcome is known. */
export class Desk {
  readonly store: EventStore;
  readonly orders: Orders;
  readonly #acknowledgesEarly: boolean;
  readonly #slowChance: number;

  constructor(store: EventStore, orders: Orders) {
    this.store = store;
    this.orders = orders;
    this.#acknowledgesEarly = orders.sabotage === "early-ack";
    // What is repeated under new ids is found when it was done before: that is seldom, unless all are slow to tell.
    this.#slowChance = orders.sabotage === "new-ids" ? 1 : SLOW_CHANCE;
  }

  caller(name: string): Caller {
    return new Caller(this, `${this.orders.slot}.${name}`);
  }

  async write(write: SentWrite, random: Random): Promise<Outcome> {
    report({ kind: "sent", write });
    if (this.#acknowledgesEarly) report({ kind: "acknowledged", id: write.id, result: null });
    try {
      const result = await this.store.write(write.items);
      if (random.chance(this.#slowChance)) await sleep(random.integer(0, SLOWEST_MS));
      if (!this.#acknowledgesEarly) report({ kind: "acknowledged", id: write.id, result });
      return { result };
    } catch (error) {
      const refused = refusalOf(error);
      report({ kind: "refused", id: write.id, code: refused });
      return { refused };
    }
  }
}

/** One of those who write at the same time. It waits for the outcome of each of its writes. */
export class Caller {
  readonly name: string;
  readonly random: Random;
  readonly #desk: Desk;
  #next: number;

  constructor(desk: Desk, name: string) {
    const { seed, round, next } = desk.orders;
    this.name = name;
    this.random = Random.of(seed, round, name);
    this.#desk = desk;
    this.#next = next[name] ?? 0;
  }

  /** How many writes it has begun, in all its lives. */
  get count(): number {
    return this.#next;
  }

  /** The id that its next write will have. */
  get nextId(): string {
    return `${this.name}#${this.#next}`;
  }

  write(items: readonly WriteItem[]): Promise<Outcome> {
    const id = this.nextId;
    this.#next++;
    return this.#desk.write({ id, items }, this.random);
  }

  /** Repeats what an earlier life of this caller has left without a known outcome; `change` brings it up to date. */
  async repeat(change: (item: WriteItem) => WriteItem = (item) => item): Promise<void> {
    const prefix = `${this.name}#`;
    for (const { id, items } of this.#desk.orders.unknown) {
      if (id.startsWith(prefix)) await this.#desk.write({ id, items: items.map(change) }, this.random);
    }
  }
}

/** Errors: whatever is not a refusal that callers live with. */
export function refusalOf(error: unknown): string {
  if (error instanceof ReactiveDomainError && EXPECTED.has(error.code)) return error.code;
  throw error;
}
