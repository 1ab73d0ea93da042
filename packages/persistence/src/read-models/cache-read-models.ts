import { checkKeys, currentRuntime, InvalidArgument, unlessAborted } from "@reactive-domain/core";
import type { FieldTypes, Listing, Page, RowOf } from "@reactive-domain/messaging";
import type { CallOptions } from "../read.ts";
import { CachedItems, type CachedItem, type Changed } from "./cached-items.ts";
import { checkedItem, checkedKey } from "./checked-item.ts";
import type { ChangeOptions, KeptItem, ReadModelRepository } from "./read-model-repository.ts";

/** How much a cache keeps, and for how long. */
export interface ReadModelCacheOptions {
  /** The most items, from 1; who was not asked for longest goes first. Default 10,000. */
  readonly maxItems?: number;
  /** How old what is answered may be, in milliseconds, from 1: by then what others have written is seen. Default 1,000. */
  readonly maxAgeMs?: number;
}

/**
 * A repository that answers `get` from memory where it can. What is put and deleted through it is written first, and then seen by its next `get`; what others write, in
 * this process past it or in another one, is seen after `maxAgeMs` at the latest. A change whose caller gave it up goes on, and until it has ended nothing of its item is kept. Gets of one item that come together are asked once, whatever their `context`: who may
 * ask is to be decided above it. Listings are not kept: `query` asks every time.
 *
 * Errors: `invalid-argument` for bad options; those of the repository underneath.
 *
 * @example
 * const cached = cacheReadModels(await views.repository(accountViews), { maxAgeMs: 500 });
 */
export function cacheReadModels<T extends object, Key, F extends FieldTypes>(
  repository: ReadModelRepository<T, Key, F>,
  options: ReadModelCacheOptions = {},
): ReadModelRepository<T, Key, F> {
  checkKeys("options of a cache", options, ["maxItems", "maxAgeMs"]);
  const { maxItems = 10_000, maxAgeMs = 1_000 } = options;
  for (const [name, value] of Object.entries({ maxItems, maxAgeMs }))
    if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgument(name, "an integer from 1", value);
  return new CachedRepository(repository, { maxItems, maxAgeMs });
}

class CachedRepository<T extends object, Key, F extends FieldTypes> implements ReadModelRepository<T, Key, F> {
  readonly definition: ReadModelRepository<T, Key, F>["definition"];
  readonly #repository: ReadModelRepository<T, Key, F>;
  readonly #items: CachedItems;

  constructor(repository: ReadModelRepository<T, Key, F>, limits: Required<ReadModelCacheOptions>) {
    this.definition = repository.definition;
    this.#repository = repository;
    this.#items = new CachedItems(limits, currentRuntime().clock);
  }

  get isClosed(): boolean {
    return this.#repository.isClosed;
  }

  async get(key: Key, options: CallOptions = {}): Promise<KeptItem<T> | undefined> {
    checkKeys("options of get", options, ["signal", "context"]);
    const own = this.#keyText(key);
    options.signal?.throwIfAborted();
    if (this.isClosed) return this.#repository.get(key, options);
    const load = async (): Promise<CachedItem | null> => cachedOf(await this.#repository.get(key, withoutSignal(options)));
    const kept = await unlessAborted(this.#items.get(own, load), options.signal);
    return kept === null ? undefined : { item: JSON.parse(kept.json) as T, version: kept.version };
  }

  async put(item: T, options: ChangeOptions = {}): Promise<{ readonly version: number }> {
    const { key, json } = checkedItem(item, this.definition);
    return this.#change(JSON.stringify(key), options, async (unheard) => {
      const { version } = await this.#repository.put(JSON.parse(json) as T, unheard);
      return { outcome: { version }, item: { json, version } };
    });
  }

  async delete(key: Key, options: ChangeOptions = {}): Promise<boolean> {
    return this.#change(this.#keyText(key), options, async (unheard) => ({
      outcome: await this.#repository.delete(key, unheard),
      item: null,
    }));
  }

  query(listing: Listing<RowOf<F>>, options: CallOptions = {}): Promise<Page<T>> {
    return this.#repository.query(listing, options);
  }

  /** Who gives a change up does not end it: as long as nobody knows what becomes of it, nothing of its item is kept. */
  async #change<O>(key: string, options: ChangeOptions, change: (unheard: ChangeOptions) => Promise<Changed<O>>): Promise<O> {
    checkKeys("options of a change", options, ["signal", "context", "expectedVersion"]);
    options.signal?.throwIfAborted();
    return unlessAborted(
      this.#items.change(key, () => change(withoutSignal(options))),
      options.signal,
    );
  }

  #keyText(key: Key): string {
    return JSON.stringify(checkedKey(key, this.definition));
  }
}

function cachedOf<T>(kept: KeptItem<T> | undefined): CachedItem | null {
  return kept === undefined ? null : { json: JSON.stringify(kept.item), version: kept.version };
}

/** Others may wait for the same answer, or have to hear of the same change. */
function withoutSignal<O extends CallOptions>(options: O): Omit<O, "signal"> {
  const { signal: _, ...others } = options;
  return others;
}
