import type { DocumentChanges, GenerationRef, ProjectionStore } from "@reactive-domain/persistence";
import type { LaneWork, TaskFailure } from "./lane-work.ts";
import type { DocumentTask, PreparedEvent, Task } from "./task.ts";

/** How much is folded before it is committed, in items and in bytes, by a guess. */
const MAX_DIRTY_ITEMS = 10_000;
const MAX_DIRTY_BYTES = 16 * 1024 * 1024;
/** How much is kept of what is committed, to be folded further. */
const MAX_KEPT_ITEMS = 20_000;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

interface Kept {
  readonly itemKey: unknown;
  item: object | undefined;
  /** What it takes in memory: its JSON as it was loaded, and the data of the events since. */
  bytes: number;
  /** What was folded into it since it was committed, to fold again where one of them fails. */
  tasks: DocumentTask[];
}

/** Items that events are folded into, in memory between two commits. */
export class DocumentWork<C> implements LaneWork<C> {
  readonly failed = undefined;
  readonly #store: ProjectionStore<C>;
  readonly #ref: GenerationRef;
  readonly #shape: DocumentChanges["shape"];
  readonly #items = new Map<string, Kept>();
  readonly #dirty = new Set<Kept>();
  #bytes = 0;
  #dirtyBytes = 0;
  /** Whether what is not here is nowhere. */
  #isWhole: boolean;

  constructor(
    store: ProjectionStore<C>,
    ref: GenerationRef,
    { shape, isEmpty }: { readonly shape: DocumentChanges["shape"]; readonly isEmpty: boolean },
  ) {
    this.#store = store;
    this.#ref = ref;
    this.#shape = shape;
    this.#isWhole = isEmpty;
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
    const failures: TaskFailure[] = [];
    for (const task of tasks) {
      if (task.kind !== "documents") continue;
      const kept = this.#keptFor(task);
      try {
        kept.item = task.fold(kept.item);
        kept.tasks.push(task);
      } catch (error) {
        failures.push({ key: task.key, error });
      }
      this.#dirty.add(kept);
      const bytes = recorded.data.length;
      kept.bytes += bytes;
      this.#bytes += bytes;
      this.#dirtyBytes += bytes;
    }
    return failures;
  }

  /** A fold may have changed its item before it failed: what was folded before is folded anew. */
  async undo({ tasks }: PreparedEvent<C>): Promise<void> {
    const keys = new Map(tasks.filter((task) => task.kind === "documents").map(({ key, itemKey }) => [key, itemKey]));
    const done = new Map([...keys.keys()].map((key) => [key, this.#items.get(key)?.tasks.filter((task) => !tasks.includes(task)) ?? []]));
    for (const key of keys.keys()) this.#forget(key);
    await this.#fetch(keys);
    for (const [key, before] of done) {
      const kept = this.#items.get(key);
      if (kept === undefined || before.length === 0) continue;
      for (const task of before) kept.item = task.fold(kept.item);
      kept.tasks = before;
      this.#dirty.add(kept);
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
    for (const kept of this.#dirty) kept.tasks = [];
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
      kept = { itemKey, item: undefined, bytes: 0, tasks: [] };
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
      this.#items.set(key, { itemKey, item: text === undefined ? undefined : (JSON.parse(text) as object), bytes, tasks: [] });
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
