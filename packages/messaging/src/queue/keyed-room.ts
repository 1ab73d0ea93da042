import type { Runtime } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import { Batching, stopWaiting } from "./batching.ts";
import type { Entry } from "./entry.ts";
import { Lanes } from "./lanes.ts";
import { Partition } from "./partition.ts";
import type { QueueSettings } from "./queue-options.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** A queue at rest keeps these at most: keys that come again and again are not made anew each time. */
const FEW_KEYS = 1_024;

/** The room of messages with keys: one message, or batch, of a key at a time. Keys take turns. */
export class KeyedRoom<M extends MessageBase> extends WaitingRoom<M> {
  /** The candidates of all keys, in the order of their turns. One that has been pushed aside by a more urgent one is passed over. */
  readonly #candidates: Lanes<Entry<M>>;
  readonly #partitions = new Map<unknown, Partition<Entry<M>>>();
  readonly #laneCount: number;
  readonly #keptKeys: number;
  readonly #batching: Batching<Partition<Entry<M>>> | undefined;

  /** `onDue`: some messages have waited long enough to be a batch. */
  constructor({ laneCount, batch, capacity }: QueueSettings<M>, runtime: Runtime, onDue: () => void) {
    super(laneCount);
    this.#laneCount = laneCount;
    this.#candidates = new Lanes(laneCount, "waiting");
    this.#keptKeys = capacity;
    this.#batching =
      batch &&
      new Batching(batch, runtime, (partition) => {
        this.#list(partition);
        onDue();
      });
  }

  get isReady(): boolean {
    return this.#next() !== undefined;
  }

  add(entry: Entry<M>): void {
    const partition = this.#partitionOf(entry.key);
    entry.partition = partition;
    this.all.add(entry);
    partition.add(entry, this.#laneCount);
    this.#list(partition);
  }

  take(): Entry<M> | undefined {
    const first = this.#next();
    const partition = first?.partition;
    if (first === undefined || partition === undefined) return undefined;
    this.#begin(first);
    if (this.#batching !== undefined) first.batch = this.#batching.fill(first, () => this.#begin(partition.shift()));
    return first;
  }

  release({ partition }: Entry<M>): void {
    if (partition !== undefined) this.#promote(partition);
  }

  leave(entry: Entry<M>): void {
    const { partition, isListed } = entry;
    this.all.leave(entry);
    if (isListed) this.#candidates.leave(entry);
    if (partition?.candidate === entry) this.#promote(partition);
    else partition?.leave(entry);
  }

  flush(): void {
    if (this.#batching === undefined) return;
    this.#batching.isFlushing = true;
    for (const partition of this.#partitions.values()) this.#list(partition);
  }

  forgetKeys(): void {
    if (this.#partitions.size > FEW_KEYS) this.#partitions.clear();
  }

  #partitionOf(key: unknown): Partition<Entry<M>> {
    const known = this.#partitions.get(key);
    if (known !== undefined) return known;
    const partition = new Partition<Entry<M>>(key);
    this.#partitions.set(key, partition);
    return partition;
  }

  /** The candidate whose turn it is. */
  #next(): Entry<M> | undefined {
    for (let first = this.#candidates.mostUrgent; first !== undefined; first = this.#candidates.mostUrgent) {
      const { partition } = first;
      if (partition?.candidate === first && this.#isDue(partition)) return first;
      first.isListed = false;
      this.#candidates.shift(first.lane);
    }
    return undefined;
  }

  #begin(entry: Entry<M> | undefined): Entry<M> | undefined {
    if (entry === undefined) return undefined;
    entry.begin();
    this.all.leave(entry);
    if (entry.isListed) this.#candidates.leave(entry);
    return entry;
  }

  /** Makes the next message of a key the candidate; without any, the key is forgotten where there are many. */
  #promote(partition: Partition<Entry<M>>): void {
    partition.candidate = partition.shift();
    if (partition.candidate !== undefined) return this.#list(partition);
    stopWaiting(partition);
    if (this.#partitions.size > this.#keptKeys) this.#partitions.delete(partition.key);
  }

  /** Lets the candidate of a key have its turn. */
  #list(partition: Partition<Entry<M>>): void {
    const { candidate } = partition;
    if (candidate === undefined || candidate.isListed || candidate.state !== "waiting" || !this.#isDue(partition)) return;
    candidate.isListed = true;
    this.#candidates.add(candidate);
  }

  #isDue(partition: Partition<Entry<M>>): boolean {
    return this.#batching === undefined || this.#batching.isDue(partition);
  }
}
