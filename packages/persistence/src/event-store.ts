import type { ExpectedVersion } from "@reactive-domain/core";
import type { CallOptions, CursorOf, EventRead, ReadOptions, ReadSource } from "./read.ts";
import type { NewEvent } from "./recorded-event.ts";
import type { SubscribeOptions, Subscription } from "./subscription.ts";
import type { StreamResult, WriteItem, WriteResult } from "./write.ts";

export interface AppendOptions extends CallOptions {
  /** What the stream's last version must be. */
  readonly expectedVersion: ExpectedVersion;
}

/** The outcome of an append. */
export interface AppendResult extends StreamResult {
  /** Whether these events were in the stream already: nothing was written, and this is the outcome of the first time. */
  readonly repeated: boolean;
}

/**
 * The event store port (the guide's `IStreamStoreConnection`): one log of events in streams. Positions in the log and versions in a stream have no holes
 * and become visible in order. What a write acknowledged is durable as far as the store is.
 */
export interface EventStore extends AsyncDisposable {
  /** What a write survives that was acknowledged, with the settings as they were read back, like `SQLite, journal_mode=wal, synchronous=FULL`. */
  readonly durability: string;
  /**
   * Writes all items or none. Events that are in their streams already, by id, are recognised before expected versions are looked at: the write is then
   * answered as it was the first time.
   *
   * Errors: `wrong-expected-version`, `event-already-recorded` (only some of the events are in the log), `invalid-write`, `already-closed`, and those of the store.
   */
  write(items: readonly WriteItem[], options?: CallOptions): Promise<WriteResult>;
  /** {@link write} with one append. */
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult>;
  /** Reads events. Errors: `invalid-argument` at the call; `already-closed`, and those of the store, while iterating. */
  read<S extends ReadSource>(source: S, options?: ReadOptions<CursorOf<S>>): EventRead;
  /** Follows a source. Errors: `invalid-argument` at the call; see {@link Subscription} for the rest. */
  subscribe<S extends ReadSource>(source: S, options?: SubscribeOptions<CursorOf<S>>): Subscription;
  /** Finishes the writes that it has accepted, ends the subscriptions and releases everything. Calling it again waits for the same end. */
  close(): Promise<void>;
}
