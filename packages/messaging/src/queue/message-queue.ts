import { checkObject, InvalidArgument } from "@reactive-domain/core";
import { runFor } from "../bus/ambient.ts";
import type { MessageContext } from "../bus/message-context.ts";
import type { MessageBase } from "../message.ts";
import { batchOf } from "./entry.ts";
import { BatchHandling, MessageHandling } from "./handling.ts";
import { queueSettings, type BatchSize, type QueueOptions } from "./queue-options.ts";
import type { MessageQueue, QueueCallOptions } from "./queue.ts";
import { WorkQueue } from "./work-queue.ts";

/** Handles one message of a queue. The signal is that of the caller of `run`. What it throws is reported and reaches that caller. */
export type QueueHandler<M extends MessageBase, R> = (message: M, context: MessageContext) => R | Promise<R>;

/** Handles some messages of a queue, in the order in which they were posted. What it throws is the failure of them all. */
export type BatchHandler<M extends MessageBase> = (messages: readonly M[], context: QueueCallOptions) => unknown;

/** What a queue of batches has to be told, and may be. */
export interface BatchQueueOptions<M extends MessageBase, L extends string = string> extends QueueOptions<M, L>, BatchSize {}

/**
 * A queue in front of a handler.
 *
 * @example
 * const mails = createMessageQueue("mails", async (event: AmountDeposited) => { await mail(event.accountId); }, {
 *   parallelism: 8,
 *   partitionBy: (event) => event.accountId,
 * });
 * events.subscribe(AmountDeposited, mails.post);
 *
 * Errors: `invalid-argument`.
 */
export function createMessageQueue<M extends MessageBase, R = void, const L extends string = string>(
  name: string,
  handler: QueueHandler<M, R>,
  options: QueueOptions<M, L> = {},
): MessageQueue<M, R> {
  checkHandler(name, handler);
  return new WorkQueue<M, R>(queueSettings(name, options as QueueOptions<M>), (queue, { message, signal }) =>
    runFor(message, handler, new MessageHandling(queue, message, signal)),
  );
}

/**
 * A queue whose handler takes several messages at a time: `maxMessages` of them, or those that are there when the oldest has waited for `maxWaitMs`. Where there are
 * keys, all messages of a batch have the same one, and count and wait for themselves.
 *
 * Errors: `invalid-argument`.
 */
export function createBatchQueue<M extends MessageBase, const L extends string = string>(
  name: string,
  handler: BatchHandler<M>,
  options: BatchQueueOptions<M, L>,
): MessageQueue<M> {
  checkHandler(name, handler);
  checkObject(`The options of ${name}`, options);
  const { maxMessages, maxWaitMs, ...others } = options;
  const settings = queueSettings<M>(name, others, { maxMessages, maxWaitMs });
  return new WorkQueue<M, void>(settings, (queue, first) => {
    const messages = batchOf(first).map(({ message }) => message);
    return handler(messages, new BatchHandling(queue, undefined));
  });
}

function checkHandler(name: string, handler: unknown): void {
  if (typeof handler !== "function") throw new InvalidArgument(`The handler of ${name}`, "a function", handler);
}
