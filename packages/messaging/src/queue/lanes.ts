import type { EntryState, Laned } from "./laned.ts";
import { Ring } from "./ring.ts";

/**
 * Messages in the order in which they came, by lane. One is in here for as long as its state says so: what leaves from the middle is cleared away later, when
 * it comes to the front or when its place is needed.
 */
export class Lanes<T extends Laned> {
  readonly #state: EntryState;
  readonly #lines: readonly Ring<T>[];
  readonly #isHere = (entry: T): boolean => entry.state === this.#state;
  #size = 0;

  /** `state`: that of the messages that are in here. */
  constructor(count: number, state: EntryState) {
    this.#state = state;
    this.#lines = Array.from({ length: count }, () => new Ring<T>());
  }

  get size(): number {
    return this.#size;
  }

  /** The oldest message of the most urgent lane that has any. */
  get mostUrgent(): T | undefined {
    for (let lane = 0; lane < this.#lines.length; lane++) {
      const first = this.#lines[lane]?.first;
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** The oldest message of the least urgent lane that has any. */
  get leastUrgent(): T | undefined {
    return this.#lines.findLast(({ first }) => first !== undefined)?.first;
  }

  /** When the oldest message was accepted. */
  get oldestMs(): number | undefined {
    const times = this.#lines.flatMap(({ first }) => (first === undefined ? [] : [first.queuedAtMs]));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Takes in an entry that has the state of this place. */
  add(entry: T): void {
    this.#roomyLineOf(entry)?.push(entry);
    this.#size++;
  }

  /** Takes in an entry that came before all others of its lane. */
  addFirst(entry: T): void {
    this.#roomyLineOf(entry)?.unshift(entry);
    this.#size++;
  }

  /** Takes out the first entry of a lane. */
  shift(lane: number): void {
    const line = this.#lines[lane];
    line?.shift();
    this.#size--;
    this.#clear(line);
  }

  /** To be told of an entry of this place that has got another state. */
  leave(entry: T): void {
    this.#size--;
    this.#clear(this.#lines[entry.lane]);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const line of this.#lines) for (const entry of line) if (this.#isHere(entry)) yield entry;
  }

  #roomyLineOf({ lane }: T): Ring<T> | undefined {
    const line = this.#lines[lane];
    if (line?.isFull === true) line.sift(this.#isHere);
    return line;
  }

  #clear(line: Ring<T> | undefined): void {
    for (let first = line?.first; first !== undefined && !this.#isHere(first); first = line?.first) line?.shift();
  }
}
