import { position, type Position } from "@reactive-domain/core";
import type { Direction } from "@reactive-domain/persistence";
import type { EventStoreDriver } from "@reactive-domain/persistence/adapter";

const PAGE = { maxEvents: 10_000, maxBytes: Number.MAX_SAFE_INTEGER, filter: undefined } as const;

/** The positions of a log, and which of them each is. */
export class RankedPositions {
  readonly #driver: EventStoreDriver;
  readonly #known: number[] = [];
  #reading: Promise<void> | undefined;

  constructor(driver: EventStoreDriver) {
    this.#driver = driver;
  }

  /** The rank of a position, or of the last one before it. */
  async rank(at: number): Promise<Position> {
    await this.#learn(at);
    return position(this.#countBelow(at + 1) - 1);
  }

  async rankOrNull(at: Position | null): Promise<Position | null> {
    return at === null ? null : this.rank(at);
  }

  /** Where reading goes on, in ranks. */
  async cursor(next: number, direction: Direction): Promise<number | null> {
    await this.#learn(next);
    const rank = direction === "forwards" ? this.#countBelow(next) : this.#countBelow(next + 1) - 1;
    return rank < 0 ? null : rank;
  }

  /** The position of a rank; for one that no event has yet, one behind the end of the log. */
  async actual(rank: number): Promise<number> {
    if (this.#known[rank] === undefined) await this.#learn(Number.MAX_SAFE_INTEGER);
    return this.#known[rank] ?? (this.#known.at(-1) ?? -1) + 1 + rank - this.#known.length;
  }

  async actualOrNull(rank: Position | null): Promise<Position | null> {
    return rank === null ? null : position(await this.actual(rank));
  }

  /** Knows all positions up to one, as far as the log has them. */
  async #learn(upTo: number): Promise<void> {
    while (this.#reading !== undefined) await this.#reading;
    if ((this.#known.at(-1) ?? -1) >= upTo) return;
    this.#reading = this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const from = (this.#known.at(-1) ?? -1) + 1;
      const page = await this.#driver.readPage({ source: { all: true }, direction: "forwards", from, ...PAGE });
      this.#known.push(...page.events.map((event) => event.position as number));
      if (page.isEnd || page.events.length === 0) return;
    }
  }

  #countBelow(at: number): number {
    let [low, high] = [0, this.#known.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#known[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
