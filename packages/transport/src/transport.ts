import type { DeadLetter } from "./dead-letter.ts";
import type { TransportMessage } from "./transport-message.ts";

/** Settings of one call of a transport. */
export interface TransportCallOptions {
  /** Ends the call's wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Settings of a receiver. */
export interface ReceiveOptions {
  /** Closes the receiver, as {@link Receiver.close} does. Inside the handler abort it instead of awaiting the close, which waits for the handler. */
  readonly signal?: AbortSignal | undefined;
  /** How many messages may be with the handler, or wait for another attempt, at once. An integer from 1 to 10 000. Default 1, which keeps their order. */
  readonly maxInFlight?: number | undefined;
}

/** What a handler learns beside the message. */
export interface DeliveryContext {
  readonly channel: string;
  /** Which attempt to handle this message this is, from 1. */
  readonly attempt: number;
  /** Aborted when the receiver closes, which then waits for the handler to end. */
  readonly signal: AbortSignal;
}

/** Receives messages. Returning, or resolving, acknowledges the message; throwing, or rejecting, asks for it again. */
export type TransportHandler = (message: TransportMessage, context: DeliveryContext) => unknown;

/** A handler at work on a channel, until it is closed. */
export interface Receiver extends AsyncDisposable {
  readonly channel: string;
  /**
   * Begins no message any more, gives back those that were not begun or wait for another attempt, and resolves when the running handlers have ended.
   * What was given back goes to another receiver, of now or later, in its old place. Calling it again does nothing more.
   */
  close(): Promise<void>;
}

/**
 * Brings messages from one process to another, or from one part of a process to another: the port that adapters implement.
 *
 * Delivery is at least once: a message comes again until a handler has returned for it, or until its attempts are used up and it is parked as a
 * {@link DeadLetter}. The receiver deduplicates. Order is that of acceptance, per channel, as long as one receiver with `maxInFlight` 1 works on it; between
 * channels there is none.
 */
export interface Transport extends AsyncDisposable {
  /**
   * Hands messages over, all or none, and resolves when the transport has accepted them; whether anybody receives is another matter. While the channel is
   * full it waits. When the signal ends that wait, nothing of this call was accepted.
   *
   * Errors: `invalid-argument`, `already-closed`, the signal's reason.
   */
  send(channel: string, messages: readonly TransportMessage[], options?: TransportCallOptions): Promise<void>;
  /**
   * Brings the messages of a channel to a handler. Receivers on one channel compete: each message goes to one of them. A message whose handler throws
   * stays with its receiver, and holds its place in flight, until it is handled or parked.
   *
   * Errors, thrown at once: `invalid-argument`, `already-closed`.
   */
  receive(channel: string, handler: TransportHandler, options?: ReceiveOptions): Receiver;
  /** The messages of a channel that were given up, in the order in which that happened. Errors: `invalid-argument`, the signal's reason. */
  deadLetters(channel: string, options?: TransportCallOptions): Promise<readonly DeadLetter[]>;
  /**
   * Refuses what comes from now on, ends every waiting `send` with `already-closed`, and closes all receivers; resolves when their running handlers have
   * ended. Not to be awaited inside a handler. Calling it again does nothing more.
   */
  close(): Promise<void>;
}
