import type { Position, Version } from "@reactive-domain/core";
import { after, at, type After, type EventFilter, type ReadOptions, type ReadSource, type UpTo } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";
import type { Chance } from "./chance.ts";
import type { FollowStep, ReadStep } from "./script.ts";
import { CORRELATION_IDS, STREAMS, TYPES } from "./script-names.ts";

const CATEGORIES = [...new Set(STREAMS.map(categoryOf))];
const BATCH_SIZES = [1, 2, 3, 250] as const;
const PREFIXES = ["account-", "account2", "account_", "count"] as const;

/** Makes reads and subscriptions. */
export class ReadGenerator {
  readonly #chance: Chance;
  #subscriptions = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** A subscription that was opened. */
  get opened(): number {
    return this.#chance.below(this.#subscriptions) + 1;
  }

  get hasOpened(): boolean {
    return this.#subscriptions > 0;
  }

  /** A read of a log of about this size. */
  read(size: number): ReadStep {
    const source = this.#source();
    const options: ReadOptions = {
      ...this.#maybe(2, { direction: "backwards" as const }),
      ...this.#maybe(2, { from: this.#from(size) }),
      ...this.#maybe(3, { upTo: this.#upTo(source, size) }),
      ...this.#maybe(3, { limit: 1 + this.#chance.below(size + 2) }),
      ...this.#maybe(2, { filter: this.#filter() }),
      ...this.#maybe(2, { maxBatchEvents: this.#chance.of(BATCH_SIZES) }),
      ...this.#maybe(8, { maxBatchBytes: this.#chance.of([1, 25]) }),
    };
    return { kind: "read", source, options };
  }

  /** A subscription to a log of about this size. */
  follow(size: number): FollowStep {
    const options = {
      ...this.#maybe(2, {
        from: this.#chance.weighted<"end" | After<Version & Position>>([
          [1, () => "end" as const],
          [1, () => after(this.#cursor(size))],
        ]),
      }),
      ...this.#maybe(2, { filter: this.#filter() }),
      ...this.#maybe(2, { maxBatchEvents: this.#chance.of(BATCH_SIZES) }),
    };
    return { kind: "follow", subscription: ++this.#subscriptions, source: this.#source(), options, isEager: this.#chance.oneIn(2) };
  }

  #source(): ReadSource {
    return this.#chance.weighted<ReadSource>([
      [3, () => ({ stream: this.#chance.of([...STREAMS, "missing"]) })],
      [2, () => ({ category: this.#chance.of([...CATEGORIES, "missing"] as [string]) })],
      [2, () => ({ eventType: this.#chance.of([...TYPES, "Missing"]) })],
      [3, () => ({ all: true })],
    ]);
  }

  #filter(): EventFilter {
    return {
      ...this.#maybe(2, { types: this.#chance.some(TYPES) }),
      ...this.#maybe(2, { categories: this.#chance.some(CATEGORIES) }),
      ...this.#maybe(2, { streamPrefix: this.#chance.of(PREFIXES) }),
      ...this.#maybe(3, { correlationId: this.#chance.of([...CORRELATION_IDS, "7"]) }),
    };
  }

  #from(size: number): NonNullable<ReadOptions["from"]> {
    return this.#chance.weighted<NonNullable<ReadOptions["from"]>>([
      [1, () => "start"],
      [1, () => "end"],
      [3, () => at(this.#cursor(size))],
      [3, () => after(this.#cursor(size))],
    ]);
  }

  #upTo(source: ReadSource, size: number): UpTo {
    return "stream" in source && this.#chance.oneIn(2) ? { version: this.#cursor(size) } : { position: this.#cursor(size) };
  }

  /** A version of a stream, a position elsewhere: small, as versions are, half of the time. */
  #cursor(size: number): Version & Position {
    return this.#chance.below(this.#chance.oneIn(2) ? 4 : size + 2) as Version & Position;
  }

  #maybe<T extends object>(times: number, facts: T): T | undefined {
    return this.#chance.oneIn(times) ? facts : undefined;
  }
}
