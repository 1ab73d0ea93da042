import type { MessageBase } from "../message.ts";

/** A message that is due at some time, as data: a durable store can keep it. */
export interface MessageTimer<M extends MessageBase = MessageBase> {
  /** What names the timer: a later one with the same id takes its place. */
  readonly id: string;
  /** When the message is due, in milliseconds since 1970-01-01T00:00Z; at once when that is past. */
  readonly dueMs: number;
  readonly message: M;
  /**
   * How often it comes again, in milliseconds from 1, counted from `dueMs`. Each time it is a copy with an id of its own, which follows from the message's id,
   * the timer's id and the due time, and with the message as its cause. Times that passed while nobody could deliver come once, as the last of them.
   */
  readonly everyMs?: number | undefined;
}

/** Keeps messages until they are due. */
export interface MessageTimers<M extends MessageBase = MessageBase> extends AsyncDisposable {
  /** Keeps a message until it is due, instead of one with the same id. Errors: `invalid-argument`, `already-closed`. */
  set(timer: MessageTimer<M>): Promise<void>;
  /** Forgets a timer, and resolves to whether there was one; a message that is being delivered is past that. Errors: `already-closed`. */
  cancel(id: string): Promise<boolean>;
  /** Delivers nothing more, and resolves when the delivery in progress has ended; from inside a delivery do not await it. Calling it again does nothing more. */
  close(): Promise<void>;
}
