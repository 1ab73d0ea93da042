import type { MessageMetadata } from "@reactive-domain/core";
import type { MessageContext } from "../bus/message-context.ts";
import { metadataOf, type MessageBase } from "../message.ts";

/** Which queue a handler works for: what it hands to a call of that queue, which then does not wait for the handler. */
export abstract class Handling {
  readonly #queue: object;
  readonly signal: AbortSignal | undefined;

  constructor(queue: object, signal: AbortSignal | undefined) {
    this.#queue = queue;
    this.signal = signal;
  }

  static isWithin(queue: object, options: object | undefined): boolean {
    return options instanceof Handling && options.#queue === queue;
  }
}

/** What the handler of a batch is told beside the messages. */
export class BatchHandling extends Handling {}

/** What the handler of one message is told. */
export class MessageHandling extends Handling implements MessageContext {
  readonly #message: MessageBase;

  constructor(queue: object, message: MessageBase, signal: AbortSignal | undefined) {
    super(queue, signal);
    this.#message = message;
  }

  get metadata(): MessageMetadata {
    return metadataOf(this.#message);
  }
}
