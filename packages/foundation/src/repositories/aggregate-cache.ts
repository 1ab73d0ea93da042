import { checkObject, InvalidArgument } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { EventTrail } from "./event-trail.ts";
import type { Target } from "./source-kind.ts";
import type { SavedSource } from "./save-events.ts";

export interface AggregateCacheOptions {
  /** About how many bytes the aggregates and what is known of their events may take. Those that were not asked for longest go first. An integer from 1. Default 64 MiB. */
  readonly maxBytes?: number;
}

/**
 * Aggregates that repositories keep in memory (an identity map): the next `getById` has the store tell only what was written since. An aggregate counts as the data
 * of the events that it was folded from, or of its snapshot, and something for each of them.
 */
export interface AggregateCache {
  /** How many aggregates it holds. */
  readonly size: number;
  readonly bytes: number;
  /** How often an aggregate was asked for that it held, and could be given out. */
  readonly hits: number;
  /** How often one had to be loaded. */
  readonly misses: number;
  /** Forgets all. */
  clear(): void;
}

/** Makes a cache for the repositories of one connected context: `bank.repository(Account, { cache })`. Errors: `invalid-argument`. */
export function createAggregateCache(options: AggregateCacheOptions = {}): AggregateCache {
  checkObject("The options of createAggregateCache", options);
  const { maxBytes = 64 * 1_024 * 1_024 } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw new InvalidArgument("maxBytes", "an integer from 1", maxBytes);
  return new SourceCache(maxBytes);
}

/** After so many uses in a row without anybody else's writes, a stream counts as quiet. */
const QUIET_USES = 4;

/** An aggregate that is kept. */
export class CacheEntry<S extends CorrelatedEventSource = CorrelatedEventSource> {
  readonly source: S;
  readonly trail: EventTrail;
  /** Somebody works with it alone. */
  isInUse = false;
  /** Somebody may hold it for good: nobody gets it to work with alone. */
  isShared = false;
  /** What it was counted as. */
  bytes = 0;
  #quietUses = 0;

  constructor(source: S, trail: EventTrail) {
    this.source = source;
    this.trail = trail;
  }

  /** Whether nobody else has written to its stream of late. */
  get isQuiet(): boolean {
    return this.#quietUses >= QUIET_USES;
  }

  used(isQuiet: boolean): void {
    this.#quietUses = isQuiet ? this.#quietUses + 1 : 0;
  }
}

interface KeptEntry {
  readonly entry: CacheEntry;
  /** The class or decider that its source is of. */
  readonly of: object;
}

export class SourceCache implements AggregateCache {
  readonly #maxBytes: number;
  readonly #kept = new Map<string, KeptEntry>();
  #store: EventStore | undefined;
  #bytes = 0;
  hits = 0;
  misses = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#kept.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Binds the cache to the store that its aggregates are from. Errors: `invalid-argument` where it has another. */
  bindTo(store: EventStore): void {
    this.#store ??= store;
    if (this.#store !== store) throw new InvalidArgument("cache", "one of repositories on one store", "one of repositories on another");
  }

  get<S extends CorrelatedEventSource>({ stream, kind }: Target<S>): CacheEntry<S> | undefined {
    const kept = this.#kept.get(stream);
    if (kept?.of !== kind.of) return undefined;
    this.#kept.delete(stream);
    this.#kept.set(stream, kept);
    // The sources of one class or decider are those that its repositories put.
    return kept.entry as CacheEntry<S>;
  }

  /** Keeps a source. */
  put<S extends CorrelatedEventSource>({ stream, kind }: Target<S>, source: S, trail: EventTrail): CacheEntry<S> {
    this.remove(stream);
    const entry = new CacheEntry(source, trail);
    this.#kept.set(stream, { entry, of: kind.of });
    this.#count(stream, entry);
    return entry;
  }

  caughtUp(stream: string, entry: CacheEntry, hasMoved: boolean): void {
    entry.used(!hasMoved);
    this.#count(stream, entry);
  }

  /** Learns of what was saved of a source. One that is new is kept from now on. */
  saved({ target, source, events, isNew, repeated, goesOn = false }: SavedSource, isShared: boolean): void {
    const { stream } = target;
    const known = this.#kept.get(stream)?.entry;
    if (known?.source !== source && !isNew) return;
    // What is stored under these ids may be something else than what was decided this time.
    if (repeated) return this.remove(stream);
    const entry = known?.source === source ? known : this.put(target, source, new EventTrail());
    entry.trail.add(events);
    entry.used(true);
    entry.isInUse = goesOn;
    entry.isShared ||= isShared;
    this.#count(stream, entry);
  }

  /** Forgets a source, if it is the one that is meant. */
  remove(stream: string, meant?: CacheEntry): void {
    const entry = this.#kept.get(stream)?.entry;
    if (entry === undefined || (meant !== undefined && entry !== meant)) return;
    this.#kept.delete(stream);
    this.#bytes -= entry.bytes;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  /** Counts what an entry has come to. Those that were not asked for longest go where it is too much, and be it the entry itself. */
  #count(stream: string, entry: CacheEntry): void {
    if (this.#kept.get(stream)?.entry !== entry) return;
    this.#bytes += entry.trail.bytes - entry.bytes;
    entry.bytes = entry.trail.bytes;
    for (const name of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.remove(name);
    }
  }
}

/** Errors: `invalid-argument` for a cache that is none of {@link createAggregateCache}. */
export function cacheIn(cache: AggregateCache | undefined, store: EventStore): SourceCache | undefined {
  if (cache === undefined) return undefined;
  if (!(cache instanceof SourceCache)) throw new InvalidArgument("cache", "one made by createAggregateCache", cache);
  cache.bindTo(store);
  return cache;
}
