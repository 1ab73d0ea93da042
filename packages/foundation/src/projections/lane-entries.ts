import type { Position } from "@reactive-domain/core";
import type {
  EntryRef,
  EntryState,
  GenerationRef,
  NewProjectionEntry,
  ProjectionEntry,
  ProjectionStore,
} from "@reactive-domain/persistence";
import { laneOf } from "./lane-of.ts";

const PAGE = 1_000;
/** Under which key the piece is kept that a lane tries. */
export function trialKey(lane: number): string {
  return `(a trial of lane ${lane})`;
}

/** What a lane knows of its entries, and what it is to change of them with the next commit. */
export class LaneEntries {
  /** Keys behind whose parked events others wait. */
  readonly blocked = new Set<string>();
  /** How often events were tried, by position and key. */
  readonly #attempts = new Map<string, number>();
  readonly #failed = new Set<Position>();
  trial: ProjectionEntry | undefined;
  #puts = new Map<string, NewProjectionEntry>();
  #settled = new Map<string, EntryRef>();

  get isEmpty(): boolean {
    return this.#puts.size === 0 && this.#settled.size === 0;
  }

  attemptsOf(ref: EntryRef): number {
    return this.#attempts.get(nameOf(ref)) ?? 0;
  }

  /** Whether an event has failed before, and is not done yet. */
  hasFailed(position: Position): boolean {
    return this.#failed.size > 0 && this.#failed.has(position);
  }

  put(entry: NewProjectionEntry): void {
    this.#puts.set(nameOf(entry), entry);
    this.#settled.delete(nameOf(entry));
  }

  settle(ref: EntryRef): void {
    this.#puts.delete(nameOf(ref));
    this.#settled.set(nameOf(ref), { position: ref.position, key: ref.key });
  }

  part(): { readonly entries: readonly NewProjectionEntry[]; readonly settled: readonly EntryRef[] } {
    return { entries: [...this.#puts.values()], settled: [...this.#settled.values()] };
  }

  committed(): void {
    for (const [name, { state, attempts }] of this.#puts)
      if (state === "failing") this.#attempts.set(name, attempts);
      else this.#attempts.delete(name);
    for (const name of this.#settled.keys()) this.#attempts.delete(name);
    for (const { position, state } of this.#puts.values()) if (state === "failing") this.#failed.add(position);
    if (this.#attempts.size === 0) this.#failed.clear();
    this.discard();
  }

  discard(): void {
    this.#puts = new Map();
    this.#settled = new Map();
  }

  know({ position, key, attempts }: ProjectionEntry): void {
    this.#attempts.set(nameOf({ position, key }), attempts);
    this.#failed.add(position);
  }
}

/** Which entries are wanted of a lane. */
export interface WantedEntries {
  readonly states: readonly EntryState[];
  readonly lane: number;
  readonly lanes: number;
  readonly key?: string;
}

/** All entries of a lane in some states, by position. */
export async function entriesOf<C>(
  store: ProjectionStore<C>,
  ref: GenerationRef,
  { states, lane, lanes, key }: WantedEntries,
): Promise<readonly ProjectionEntry[]> {
  const found: ProjectionEntry[] = [];
  let [after, limit]: [Position | undefined, number] = [undefined, PAGE];
  for (;;) {
    const options = { states, limit, ...(after !== undefined && { after }), ...(key !== undefined && { key }) };
    const page: readonly ProjectionEntry[] = await store.entries(ref, options);
    const last = page.at(-1)?.position;
    const isLast = page.length < limit || last === undefined;
    // More entries of the last position may be on the next page.
    const whole = isLast ? page : page.filter(({ position }) => position < last);
    for (const entry of whole) if (entry.key === trialKey(lane) || laneOf(entry.key, lanes) === lane) found.push(entry);
    if (isLast) return found;
    if (whole.length === 0) limit *= 2;
    else after = whole.at(-1)?.position;
  }
}

function nameOf({ position, key }: EntryRef): string {
  return `${position} ${key}`;
}
