import type { Clock } from "@reactive-domain/core";

export interface CachedItem {
  readonly json: string;
  readonly version: number;
}

interface Entry {
  /** `null` where it is known that there is none. */
  readonly item: CachedItem | null;
  readonly asOfMs: number;
}

interface Changes {
  underWay: number;
  /** Whether several were under way at a time: then nobody here knows which came last. */
  haveMet: boolean;
}

interface Limits {
  readonly maxItems: number;
  readonly maxAgeMs: number;
}

/** What a change came to, and the item as it is then. */
export interface Changed<O> {
  readonly outcome: O;
  readonly item: CachedItem | null;
}

/**
 * What was read and written, by key. An answer that was asked for before a change is handed to those who asked then, and not kept: it may be from before it.
 */
export class CachedItems {
  readonly #limits: Limits;
  readonly #clock: Clock;
  /** The one that was not asked for longest is first. */
  readonly #entries = new Map<string, Entry>();
  readonly #loads = new Map<string, Promise<CachedItem | null>>();
  readonly #changes = new Map<string, Changes>();

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  async get(key: string, load: () => Promise<CachedItem | null>): Promise<CachedItem | null> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#clock.monotonicMs() - entry.asOfMs < this.#limits.maxAgeMs) {
      this.#keep(key, entry);
      return entry.item;
    }
    const loading = this.#loads.get(key) ?? this.#load(key, load);
    return loading;
  }

  async change<O>(key: string, change: () => Promise<Changed<O>>): Promise<O> {
    const changes = this.#changes.get(key) ?? { underWay: 0, haveMet: false };
    this.#changes.set(key, changes);
    changes.haveMet = ++changes.underWay > 1 || changes.haveMet;
    const asOfMs = this.#clock.monotonicMs();
    this.#forget(key);
    try {
      const { outcome, item } = await change();
      this.#forget(key);
      if (!changes.haveMet) this.#keep(key, { item, asOfMs });
      return outcome;
    } catch (error) {
      this.#forget(key);
      throw error;
    } finally {
      if (--changes.underWay === 0) this.#changes.delete(key);
    }
  }

  #load(key: string, load: () => Promise<CachedItem | null>): Promise<CachedItem | null> {
    const asOfMs = this.#clock.monotonicMs();
    const loading = load();
    this.#loads.set(key, loading);
    const settle = (item?: CachedItem | null): void => {
      if (this.#loads.get(key) !== loading) return;
      this.#loads.delete(key);
      if (item !== undefined && !this.#changes.has(key)) this.#keep(key, { item, asOfMs });
    };
    void loading.then(settle, () => settle());
    return loading;
  }

  #forget(key: string): void {
    this.#entries.delete(key);
    this.#loads.delete(key);
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#limits.maxItems) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
