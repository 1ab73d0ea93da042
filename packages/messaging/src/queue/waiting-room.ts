import type { MessageBase } from "../message.ts";
import { Chain } from "../chain.ts";
import type { Entry } from "./entry.ts";
import type { Partition } from "./partition.ts";
import { PartitionTable } from "./partition-table.ts";

/**
 * The messages that a queue has accepted and not begun. The most urgent lane comes first; within a lane messages come in the order of their acceptance, where
 * there are keys those of one key. Every call takes constant time, whatever waits.
 */
export class WaitingRoom<M extends MessageBase> {
  readonly #lanes: readonly Chain<Entry<M>>[];
  readonly #table: PartitionTable<M> | undefined;
  #size = 0;

  /** `keys`: how many keys are remembered while none of their messages wait; `undefined` where messages have no keys. */
  constructor(laneCount: number, keys: number | undefined) {
    this.#lanes = Array.from({ length: laneCount }, () => new Chain<Entry<M>>());
    this.#table = keys === undefined ? undefined : new PartitionTable<M>(laneCount, keys);
  }

  get size(): number {
    return this.#size;
  }

  /** Whether a message may begin now. */
  get isReady(): boolean {
    return this.#table === undefined ? this.#size > 0 : this.#table.isReady;
  }

  add(entry: Entry<M>): void {
    this.#lanes[entry.lane]?.push(entry);
    this.#size++;
    this.#table?.add(entry);
  }

  /** Takes out the message that is to begin. Where there are keys, no other of its key begins before {@link release}. */
  take(): Entry<M> | undefined {
    const entry = this.#table === undefined ? this.#head() : this.#table.take();
    if (entry !== undefined) this.#takeOut(entry);
    return entry;
  }

  /** Lets the next message of a key begin. */
  release(partition: Partition<Entry<M>>): void {
    this.#table?.release(partition);
  }

  /** Takes out a message that is not to begin any more. */
  remove(entry: Entry<M>): void {
    this.#takeOut(entry);
    this.#table?.remove(entry);
  }

  /** The message that has waited longest in the least urgent lane in which any waits. */
  get leastUrgent(): Entry<M> | undefined {
    for (let lane = this.#lanes.length - 1; lane >= 0; lane--) {
      const first = this.#lanes[lane]?.first;
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** When the oldest message was accepted. */
  get oldestMs(): number | undefined {
    const times = this.#lanes.flatMap(({ first }) => (first === undefined ? [] : [first.queuedAtMs]));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  *[Symbol.iterator](): Generator<Entry<M>> {
    for (const lane of this.#lanes) yield* lane;
  }

  #head(): Entry<M> | undefined {
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      const first = this.#lanes[lane]?.first;
      if (first !== undefined) return first;
    }
    return undefined;
  }

  #takeOut(entry: Entry<M>): void {
    this.#lanes[entry.lane]?.remove(entry);
    this.#size--;
  }
}
