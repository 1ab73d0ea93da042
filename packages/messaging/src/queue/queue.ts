import type { MessageBase } from "../message.ts";
import type { MessageContext } from "../bus/message-context.ts";

/** What a sender may say beside a message for a queue. The context of any handler will do. */
export interface QueueCallOptions {
  /** Takes the message back while it has not begun, and ends the wait: with `post` only the wait for room. */
  readonly signal?: AbortSignal | undefined;
}

/** A message that is with the handler. */
export interface CurrentMessage<M extends MessageBase = MessageBase> {
  readonly message: M;
  readonly runningMs: number;
}

/** How a queue is doing, at one moment. A message comes and begins at the time at which the event loop's turn first asked for it, as with Node's timers. */
export interface QueueStatistics<M extends MessageBase = MessageBase> {
  readonly name: string;
  /** How many messages wait, at most the capacity. */
  readonly depth: number;
  /** How many senders wait for room. */
  readonly waitingSenders: number;
  /** How long the message has waited that waits longest, in milliseconds; 0 without any. */
  readonly oldestAgeMs: number;
  /** How many messages a second began, over the last ten seconds. */
  readonly perSecond: number;
  readonly current: readonly CurrentMessage<M>[];
  /** How many messages were handled without an error. */
  readonly handled: number;
  /** How many messages had a handler that threw. */
  readonly failed: number;
  /** How many messages a full queue dropped, or a closed one gave up. */
  readonly dropped: number;
}

/**
 * Keeps messages for a handler, as many as its capacity says, in the order in which they were posted. A handler that throws is reported, and the next message
 * comes.
 *
 * A handler must not wait for its own queue: it would wait for itself. Where it calls `post`, `run` or `close` of it, it hands over its context (before its
 * first `await` the queue knows without), and does not wait: `post` and `run` reject with `queue-full` when there is no room, `close` resolves at once. Whoever
 * waits all the same is told `queue-stalled` after a while. Messages are in this process's memory alone.
 */
export interface MessageQueue<M extends MessageBase, R = void> extends AsyncDisposable {
  readonly name: string;
  /**
   * Resolves when the message is accepted, or dropped by a full queue that drops: the handler of an event bus, bound.
   *
   * Errors: `already-closed`, `message-canceled`, `queue-full`, `queue-stalled`, `invalid-argument`, and what `partitionBy` and `laneOf` throw.
   */
  readonly post: (message: M, options?: QueueCallOptions) => Promise<void>;
  /**
   * Resolves to what the handler answers: the handler of a command or query bus, bound.
   *
   * Errors: those of `post`, `message-dropped`, and what the handler throws.
   */
  readonly run: (message: M, options?: QueueCallOptions) => Promise<R>;
  /** Resolves when no message waits and none is in progress. Errors: `queue-stalled`, the signal's reason. */
  idle(options?: QueueCallOptions): Promise<void>;
  /** Accepts nothing more, and resolves when all that was posted before is handled. Errors: those of `idle`. */
  drain(options?: QueueCallOptions): Promise<void>;
  /**
   * Accepts nothing more, gives up what waits (`already-closed` to its senders and callers), and resolves when the messages in progress have ended; from
   * inside a handler at once. Calling it again waits again. Errors: those of `idle`.
   */
  close(options?: QueueCallOptions | MessageContext): Promise<void>;
  statistics(): QueueStatistics<M>;
  /**
   * Gives what `look` gives, which runs between messages: no handler is half-way through. `version` is how many messages have ended, with an error or without.
   * Readers go before waiting messages, one after another. One that does not end is told `queue-stalled` like all who wait, and the queue goes on without it.
   *
   * Errors: `queue-stalled`, and what `look` throws.
   */
  read<T>(look: (version: number) => T | Promise<T>): Promise<T>;
}
