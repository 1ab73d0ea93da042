import { position, type Position } from "@reactive-domain/core";
import type { Direction } from "@reactive-domain/persistence";
import type { EventStoreDriver } from "@reactive-domain/persistence/adapter";

const PAGE = { maxEvents: 10_000, maxBytes: Number.MAX_SAFE_INTEGER, filter: undefined } as const;

/** The positions of a log, and which of them each is. */
export class RankedPositions {
  readonly #driver: EventStoreDriver;
  readonly #known: number[] = [];
  #head = -1;
  /** Where the log is read on: what it has before that is known. */
  #next = 0;
  #reading: Promise<void> | undefined;

  constructor(driver: EventStoreDriver) {
    this.#driver = driver;
  }

  /** The rank of the position of an event. */
  async rank(at: number): Promise<Position> {
    await this.#learn(at);
    return position(this.#countBelow(at + 1) - 1);
  }

  /** The rank of the last position up to one; `null` where there is none. */
  async rankOrNull(at: Position | null): Promise<Position | null> {
    if (at === null) return null;
    await this.#learn(at);
    const count = this.#countBelow(at + 1);
    return count === 0 ? null : position(count - 1);
  }

  /** Where reading goes on, in ranks. */
  async cursor(next: number, direction: Direction): Promise<number | null> {
    const before = direction === "forwards" ? next : next + 1;
    await this.#learn(before - 1);
    const rank = direction === "forwards" ? this.#countBelow(before) : this.#countBelow(before) - 1;
    return rank < 0 ? null : rank;
  }

  /** The position of a rank; for one that no event has yet, one behind the end of the log. */
  async actual(rank: number): Promise<number> {
    if (this.#known[rank] === undefined) await this.#learn(Number.MAX_SAFE_INTEGER);
    return this.#known[rank] ?? this.#head + 1 + rank - this.#known.length;
  }

  async actualOrNull(rank: Position | null): Promise<Position | null> {
    return rank === null ? null : position(await this.actual(rank));
  }

  /** Knows all positions up to one, as far as the log has them. */
  async #learn(upTo: number): Promise<void> {
    while (this.#reading !== undefined) await this.#reading;
    if (upTo < this.#next) return;
    this.#reading = this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const page = await this.#driver.readPage({ source: { all: true }, direction: "forwards", from: this.#next, ...PAGE });
      this.#head = page.head ?? -1;
      this.#known.push(...page.events.map((event) => event.position as number));
      this.#next = page.next ?? this.#next;
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
