import { DeliveryLost, type EventStore, type Settlement, type WriteItem } from "@reactive-domain/persistence";
import type { StoreCalls } from "./store-calls.ts";

/** What a settlement came to: the store has it, or the delivery was not the consumer's any more, or what was to be written with it was refused. */
export type Settled = "settled" | "lost" | { readonly refused: unknown };

/** How many writes of several settlements may be under way: a store commits those together that come meanwhile. */
const MAX_WRITES = 4;

interface Waiting {
  readonly settlement: Settlement;
  readonly key: string | undefined;
  readonly resolve: (settled: Settled) => void;
}

/**
 * How settlements get into the store: each in a write of its own, or those together that come while others are written. Of each key they get there in the order in which they came:
 * one waits while one of its key is being written.
 */
export class Settlements {
  readonly #group: string;
  readonly #store: EventStore;
  readonly #calls: StoreCalls;
  readonly #upTo: number;
  readonly #onFault: (error: unknown) => void;
  #waiting: Waiting[] = [];
  #writes = 0;
  readonly #keys = new Set<string>();
  #isScheduled = false;
  #onIdle: (() => void) | undefined;

  constructor(parts: {
    readonly group: string;
    readonly store: EventStore;
    readonly calls: StoreCalls;
    /** The most that share a write. */
    readonly upTo: number;
    /** Told of what no other write would mend. */
    readonly onFault: (error: unknown) => void;
  }) {
    this.#group = parts.group;
    this.#store = parts.store;
    this.#calls = parts.calls;
    this.#upTo = parts.upTo;
    this.#onFault = parts.onFault;
  }

  /** Settles one delivery in a write with other items: all of it or nothing. */
  async alone(settlement: Settlement, items: readonly WriteItem[] = []): Promise<Settled> {
    const lost = await this.#write([settlement], items);
    return lost === undefined ? "settled" : this.#meaningOf(lost, items);
  }

  /** Settles a delivery with others that wait. */
  together(settlement: Settlement, key: string | undefined): Promise<Settled> {
    return new Promise((resolve) => {
      this.#waiting.push({ settlement, key, resolve });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. For one who asks at a time. */
  idle(): Promise<void> {
    if (this.#writes === 0 && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Those that are settled at one moment come together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#begin();
    });
  }

  #begin(): void {
    while (this.#waiting.length >= (this.#writes === 0 ? 1 : this.#upTo) && this.#writes < MAX_WRITES) {
      const some = this.#take();
      if (some.length === 0) return;
      void this.#writeAll(some);
    }
  }

  /** As many as may share a write, the first of their keys. A delivery that was lost and came again is not settled twice in one. */
  #take(): readonly Waiting[] {
    const [taken, left]: [Waiting[], Waiting[]] = [[], []];
    const passedOver = new Set<string>();
    const positions = new Set<number>();
    for (const one of this.#waiting) {
      const isFree = one.key === undefined || !(this.#keys.has(one.key) || passedOver.has(one.key));
      const { position } = one.settlement;
      if (isFree && taken.length < this.#upTo && !positions.has(position)) taken.push(one);
      else left.push(one);
      if (taken.at(-1) === one) positions.add(position);
      else if (one.key !== undefined) passedOver.add(one.key);
    }
    this.#waiting = left;
    return taken;
  }

  async #writeAll(some: readonly Waiting[]): Promise<void> {
    this.#writes++;
    for (const { key } of some) if (key !== undefined) this.#keys.add(key);
    await this.#writeSome(some);
    for (const { key } of some) if (key !== undefined) this.#keys.delete(key);
    this.#writes--;
    this.#begin();
    if (this.#writes === 0 && this.#waiting.length === 0) this.#onIdle?.();
  }

  /** A write is all or nothing: what is lost is left out, and the rest is written again. */
  async #writeSome(waiting: readonly Waiting[]): Promise<void> {
    let rest = waiting;
    while (rest.length > 0) {
      const error = await this.#write(rest.map(({ settlement }) => settlement));
      const lost = rest.filter(({ settlement }) => isLost(error, settlement));
      const isPartly = error instanceof DeliveryLost && lost.length > 0;
      const done = isPartly ? lost : rest;
      for (const { resolve } of done) resolve(error === undefined ? "settled" : this.#meaningOf(error, []));
      rest = isPartly ? rest.filter((one) => !lost.includes(one)) : [];
    }
  }

  /** The error that was no interruption. */
  async #write(deliveries: readonly Settlement[], items: readonly WriteItem[] = []): Promise<unknown> {
    const write = [...items, { kind: "settle", group: this.#group, deliveries } as const];
    try {
      await this.#calls.untilAnswered(() => this.#store.write(write));
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #meaningOf(error: unknown, items: readonly WriteItem[]): Settled {
    if (error instanceof DeliveryLost || this.#calls.isGivenUp) return "lost";
    if (items.length > 0 && !isOfTheGroup(error)) return { refused: error };
    this.#onFault(error);
    return "lost";
  }
}

function isLost(error: unknown, { position, fence }: Settlement): boolean {
  return error instanceof DeliveryLost && error.details["position"] === position && error.details["fence"] === fence;
}

/** Whether a write without other items would fail like this one. */
function isOfTheGroup(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === "group-not-found" || code === "already-closed" || code === "store-unavailable";
}
