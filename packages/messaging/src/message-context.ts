import type { MessageMetadata } from "@reactive-domain/core";
import { metadataOf, type MessageBase } from "./message.ts";

/** What a handler is told beside the message. */
export interface MessageContext {
  readonly metadata: MessageMetadata;
  /** The sender's wish to stop, where it gave a signal. */
  readonly signal: AbortSignal | undefined;
}

/** What a sender may say beside the message. */
export interface SendOptions {
  /** When it aborts before the handler runs, the handler does not run. The handler is handed it. */
  readonly signal?: AbortSignal;
}

/** A context that makes the metadata only for those who read it. */
export class DirectContext implements MessageContext {
  readonly #message: MessageBase;
  readonly signal: AbortSignal | undefined;

  constructor(message: MessageBase, signal: AbortSignal | undefined) {
    this.#message = message;
    this.signal = signal;
  }

  get metadata(): MessageMetadata {
    return metadataOf(this.#message);
  }
}
