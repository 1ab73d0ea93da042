import type { Clock } from "@reactive-domain/core";
import type { MaybePromise } from "@reactive-domain/persistence/adapter";

interface Kept<T> {
  readonly value: T;
  readonly untilMs: number;
}

/** Values that are looked up by a key, and kept for a while. Who asks at the same time shares the look. */
export class KeptValues<T> {
  readonly #clock: Clock;
  readonly #look: (key: string) => Promise<T>;
  readonly #maxAgeMs: number;
  readonly #maxKept: number;
  readonly #kept = new Map<string, Kept<T>>();
  readonly #looking = new Map<string, Promise<T>>();

  constructor(
    clock: Clock,
    look: (key: string) => Promise<T>,
    { maxAgeMs, maxKept }: { readonly maxAgeMs: number; readonly maxKept: number },
  ) {
    this.#clock = clock;
    this.#look = look;
    this.#maxAgeMs = maxAgeMs;
    this.#maxKept = maxKept;
  }

  get(key: string): MaybePromise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#clock.monotonicMs() < kept.untilMs) return kept.value;
    return this.#looking.get(key) ?? this.#looked(key);
  }

  /** The next who asks gets what is so by then, also where somebody is looking now. */
  forget(key: string): void {
    this.#kept.delete(key);
    this.#looking.delete(key);
  }

  clear(): void {
    this.#kept.clear();
    this.#looking.clear();
  }

  async #looked(key: string): Promise<T> {
    const look = this.#look(key);
    this.#looking.set(key, look);
    try {
      const value = await look;
      if (this.#looking.get(key) === look) this.#keep(key, value);
      return value;
    } finally {
      if (this.#looking.get(key) === look) this.#looking.delete(key);
    }
  }

  #keep(key: string, value: T): void {
    this.#kept.delete(key);
    const [oldest] = this.#kept.size >= this.#maxKept ? this.#kept.keys() : [];
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, { value, untilMs: this.#clock.monotonicMs() + this.#maxAgeMs });
  }
}
