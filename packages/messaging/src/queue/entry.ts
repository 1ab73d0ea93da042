import { context } from "@opentelemetry/api";
import type { MessageBase } from "../message.ts";
import type { Laned, EntryState } from "./laned.ts";
import type { Partition } from "./partition.ts";

/** Who waits for what becomes of a message, for its being accepted, or for a queue to rest. */
export class Waiter {
  resolve!: (answer?: unknown) => void;
  reject!: (error: unknown) => void;
  readonly promise: Promise<unknown> = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** A message on its way through a queue. */
export class Entry<M extends MessageBase> implements Laned {
  readonly message: M;
  readonly signal: AbortSignal | undefined;
  readonly lane: number;
  readonly key: unknown;
  /** What was under way where the message was posted: whoever handles it may be at work for others. */
  readonly context = context.active();
  state: EntryState = "new";
  queuedAtMs = 0;
  partition: Partition<Entry<M>> | undefined = undefined;
  /** The entries of the batch that it is the first of, itself included. */
  batch: readonly Entry<M>[] | undefined = undefined;
  /** Whether it lies among the candidates of all keys. */
  isListed = false;
  /** Who waits to be let in, without an answer. */
  sender: Waiter | undefined = undefined;
  /** Who waits for the answer. */
  caller: Waiter | undefined = undefined;
  /** Kept only where messages that come twice in a row are skipped. */
  answer: unknown = undefined;
  /** Stops listening to the signal. */
  unlisten: (() => void) | undefined = undefined;

  constructor(message: M, signal: AbortSignal | undefined, lane: number, key: unknown) {
    this.message = message;
    this.signal = signal;
    this.lane = lane;
    this.key = key;
  }

  /** From now on it is with the handler, and nobody takes it back. */
  begin(): void {
    this.state = "running";
    this.unlisten?.();
  }
}

/** What begins and ends together with an entry. */
export function batchOf<M extends MessageBase>(first: Entry<M>): readonly Entry<M>[] {
  return first.batch ?? [first];
}
