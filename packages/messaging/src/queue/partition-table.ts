import type { MessageBase } from "../message.ts";
import { Chain } from "../chain.ts";
import type { Entry } from "./entry.ts";
import { Partition } from "./partition.ts";

/** Which keys have waiting messages, and which of them may begin one. Keys take turns. */
export class PartitionTable<M extends MessageBase> {
  readonly #partitions = new Map<unknown, Partition<Entry<M>>>();
  /** By the lane of their most urgent message, the partitions that may begin it. */
  readonly #ready: readonly Chain<Partition<Entry<M>>>[];
  readonly #kept: number;

  constructor(laneCount: number, kept: number) {
    this.#ready = Array.from({ length: laneCount }, () => new Chain<Partition<Entry<M>>>());
    this.#kept = kept;
  }

  get isReady(): boolean {
    for (let lane = 0; lane < this.#ready.length; lane++) if (this.#ready[lane]?.first !== undefined) return true;
    return false;
  }

  add(entry: Entry<M>): void {
    const partition = this.#partitionOf(entry.key);
    entry.partition = partition;
    partition.lanes[entry.lane]?.push(entry);
    this.#place(partition);
  }

  take(): Entry<M> | undefined {
    for (let lane = 0; lane < this.#ready.length; lane++) {
      const partition = this.#ready[lane]?.first;
      const entry = partition?.lanes[lane]?.first;
      if (partition === undefined || entry === undefined) continue;
      this.#move(partition, -1);
      partition.isBusy = true;
      partition.lanes[lane]?.remove(entry);
      return entry;
    }
    return undefined;
  }

  release(partition: Partition<Entry<M>>): void {
    partition.isBusy = false;
    this.#place(partition);
  }

  remove(entry: Entry<M>): void {
    const { partition } = entry;
    if (partition === undefined) return;
    partition.lanes[entry.lane]?.remove(entry);
    this.#place(partition);
  }

  /** Puts a partition where it belongs, and forgets one without messages when there are many. */
  #place(partition: Partition<Entry<M>>): void {
    if (partition.isBusy) return;
    const lane = partition.urgentLane;
    if (lane !== partition.readyLane) this.#move(partition, lane);
    if (lane === -1 && this.#partitions.size > this.#kept) this.#partitions.delete(partition.key);
  }

  #move(partition: Partition<Entry<M>>, lane: number): void {
    this.#ready[partition.readyLane]?.remove(partition);
    partition.readyLane = lane;
    this.#ready[lane]?.push(partition);
  }

  #partitionOf(key: unknown): Partition<Entry<M>> {
    const known = this.#partitions.get(key);
    if (known !== undefined) return known;
    const partition = new Partition<Entry<M>>(key, this.#ready.length);
    this.#partitions.set(key, partition);
    return partition;
  }
}
