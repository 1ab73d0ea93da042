import { DeliveryLost, type EventStore, type Settlement, type WriteItem } from "@reactive-domain/persistence";
import type { StoreCalls } from "./store-calls.ts";

/** What a settlement came to: the store has it, or the delivery was not the consumer's any more, or what was to be written with it was refused. */
export type Settled = "settled" | "lost" | { readonly refused: unknown };

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: (settled: Settled) => void;
}

/** How settlements get into the store: each in a write of its own, or those together that come while the write before is under way. */
export class Settlements {
  readonly #group: string;
  readonly #store: EventStore;
  readonly #calls: StoreCalls;
  readonly #upTo: number;
  readonly #onFault: (error: unknown) => void;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

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

  /** Settles a delivery with others that wait. They get into the store in the order in which they came. */
  together(settlement: Settlement): Promise<Settled> {
    return new Promise((resolve) => {
      this.#waiting.push({ settlement, resolve });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // Those that are settled at one moment come together.
    await undefined;
    while (this.#waiting.length > 0) await this.#writeSome(this.#waiting.splice(0, this.#upTo));
    this.#writing = undefined;
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
