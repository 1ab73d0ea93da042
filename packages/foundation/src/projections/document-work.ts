import type { DocumentChanges, GenerationRef, ProjectionStore } from "@reactive-domain/persistence";
import type { LaneWork, TaskFailure } from "./lane-work.ts";
import type { DocumentTask, PreparedEvent, Task } from "./task.ts";

/** How much is folded before it is committed, in items and in bytes, by a guess. */
const MAX_DIRTY_ITEMS = 10_000;
const MAX_DIRTY_BYTES = 16 * 1024 * 1024;
/** How much is kept of what is committed, to be folded further. */
const MAX_KEPT_ITEMS = 20_000;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

const NONE: readonly TaskFailure[] = [];

interface Kept {
  readonly itemKey: unknown;
  item: object | undefined;
  /** What it takes in memory: its JSON as it was loaded, and the data of the events since. */
  bytes: number;
}

/** What items are folded from. */
export interface DocumentWorkOptions<C> {
  readonly shape: DocumentChanges["shape"];
  /** Whether there are no items yet. */
  readonly isEmpty: boolean;
  /** Reads again what was done since the last commit, up to before an event. */
  readonly again: (before: PreparedEvent<C>) => AsyncIterable<PreparedEvent<C>>;
}

/** Items that events are folded into, in memory between two commits. */
export class DocumentWork<C> implements LaneWork<C> {
  readonly failed = undefined;
  readonly #store: ProjectionStore<C>;
  readonly #ref: GenerationRef;
  readonly #shape: DocumentChanges["shape"];
  readonly #again: DocumentWorkOptions<C>["again"];
  readonly #items = new Map<string, Kept>();
  readonly #dirty = new Set<Kept>();
  #bytes = 0;
  #dirtyBytes = 0;
  /** Whether what is not here is nowhere. */
  #isWhole: boolean;

  constructor(store: ProjectionStore<C>, ref: GenerationRef, { shape, isEmpty, again }: DocumentWorkOptions<C>) {
    this.#store = store;
    this.#ref = ref;
    this.#shape = shape;
    this.#isWhole = isEmpty;
    this.#again = again;
  }

  get isFull(): boolean {
    return this.#dirty.size >= MAX_DIRTY_ITEMS || this.#dirtyBytes >= MAX_DIRTY_BYTES;
  }

  isLoaded(tasks: readonly Task<C>[]): boolean {
    return this.#isWhole || tasks.every(({ key }) => this.#items.has(key));
  }

  async load(events: readonly PreparedEvent<C>[]): Promise<void> {
    if (this.#isWhole) return;
    const missing = new Map<string, unknown>();
    for (const { tasks } of events)
      for (const task of tasks) if (task.kind === "documents" && !this.#items.has(task.key)) missing.set(task.key, task.itemKey);
    if (missing.size > 0) await this.#fetch(missing);
  }

  take({ recorded }: PreparedEvent<C>, tasks: readonly Task<C>[]): readonly TaskFailure[] {
    let failures = NONE;
    for (const task of tasks) {
      if (task.kind !== "documents") continue;
      const kept = this.#keptFor(task);
      try {
        kept.item = task.fold(kept.item);
      } catch (error) {
        failures = [...failures, { key: task.key, error }];
      }
      this.#dirty.add(kept);
      const bytes = recorded.data.length;
      kept.bytes += bytes;
      this.#bytes += bytes;
      this.#dirtyBytes += bytes;
    }
    return failures;
  }

  /** A fold may have changed its item before it failed: it is folded anew from what is committed. To keep what it was folded from would cost more than to read that again, now and then. */
  async undo(event: PreparedEvent<C>, taken: readonly Task<C>[]): Promise<void> {
    const keys = new Map(taken.filter((task) => task.kind === "documents").map(({ key, itemKey }) => [key, itemKey]));
    for (const key of keys.keys()) this.#forget(key);
    await this.#fetch(keys);
    for await (const { tasks } of this.#again(event)) {
      for (const task of tasks) {
        const kept = keys.has(task.key) ? this.#items.get(task.key) : undefined;
        if (kept === undefined || task.kind !== "documents") continue;
        kept.item = task.fold(kept.item);
        this.#dirty.add(kept);
      }
    }
  }

  part(): { readonly documents?: DocumentChanges } {
    if (this.#dirty.size === 0) return {};
    const puts: object[] = [];
    const deletes: unknown[] = [];
    for (const { item, itemKey } of this.#dirty)
      if (item === undefined) deletes.push(itemKey);
      else puts.push(item);
    return { documents: { shape: this.#shape, puts, deletes } };
  }

  committed(): void {
    this.#dirty.clear();
    this.#dirtyBytes = 0;
    if (this.#items.size > MAX_KEPT_ITEMS || this.#bytes > MAX_KEPT_BYTES) this.#evict();
  }

  discard(): readonly PreparedEvent<C>[] {
    this.#items.clear();
    this.#dirty.clear();
    this.#bytes = 0;
    this.#dirtyBytes = 0;
    this.#isWhole = false;
    return [];
  }

  #keptFor({ key, itemKey }: DocumentTask): Kept {
    let kept = this.#items.get(key);
    if (kept === undefined) {
      kept = { itemKey, item: undefined, bytes: 0 };
      this.#items.set(key, kept);
    }
    return kept;
  }

  async #fetch(wanted: ReadonlyMap<string, unknown>): Promise<void> {
    const texts = await this.#store.documents(this.#ref, { shape: this.#shape, keys: [...wanted.values()] });
    [...wanted].forEach(([key, itemKey], index) => {
      const text = texts[index];
      const bytes = text?.length ?? 0;
      this.#bytes += bytes;
      this.#items.set(key, { itemKey, item: text === undefined ? undefined : (JSON.parse(text) as object), bytes });
    });
  }

  #forget(key: string): void {
    const kept = this.#items.get(key);
    if (kept === undefined) return;
    this.#items.delete(key);
    this.#dirty.delete(kept);
    this.#bytes -= kept.bytes;
  }

  /** Those that came first go first, until half is left. */
  #evict(): void {
    this.#isWhole = false;
    for (const [key, { bytes }] of this.#items) {
      if (this.#items.size <= MAX_KEPT_ITEMS / 2 && this.#bytes <= MAX_KEPT_BYTES / 2) break;
      this.#items.delete(key);
      this.#bytes -= bytes;
    }
  }
}
