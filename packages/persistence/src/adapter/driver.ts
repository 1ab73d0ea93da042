import type { Direction, EventBatch, EventFilter, ReadSource } from "../read.ts";
import type { WriteItem, WriteResult } from "../write.ts";

/** One page of a read. */
export interface PageRequest {
  readonly source: ReadSource;
  readonly direction: Direction;
  /** The first cursor of interest, inclusive: a version of a stream, a position elsewhere. `end` begins behind the last event. */
  readonly from: number | "end";
  /** From 1. */
  readonly maxEvents: number;
  readonly filter: EventFilter | undefined;
}

/**
 * What a store has to do itself; {@link createEventStore} makes the whole port of it. Arguments arrive checked, calls never after `close`.
 */
export interface EventStoreDriver {
  /** What errors call it, like `SQLite store bank.db`. */
  readonly name: string;
  /** What a write survives that was acknowledged, with the settings as they were read back. */
  readonly durability: string;
  /** Writes all items or none, in the order of the calls; see the port for what is promised. {@link planWrite} decides. */
  write(items: readonly WriteItem[]): Promise<WriteResult>;
  /**
   * Reads one page, consistent in itself: events, `isEnd`, `head` and `lastVersion` belong to one moment. A page that is full may say `isEnd: false` although
   * nothing follows.
   */
  readPage(request: PageRequest): EventBatch | Promise<EventBatch>;
  /** Calls `listener` after every commit that it learns of, its own and those of other processes; returns how to stop. */
  onCommit(listener: () => void): () => void;
  /** Finishes accepted writes and releases everything. Called once. */
  close(): Promise<void>;
}
