import { AlreadyClosed, currentRuntime, InvalidArgument, type Runtime } from "@reactive-domain/core";
import { checkChannel, checkMessages } from "../check-message.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { copyMessage, type TransportMessage } from "../transport-message.ts";
import type { ReceiveOptions, Receiver, Transport, TransportCallOptions, TransportHandler } from "../transport.ts";
import { Channel } from "./channel.ts";
import {
  checkInteger,
  checkOptions,
  type InProcessTransportOptions,
  type InProcessTransportSettings,
} from "./in-process-transport-options.ts";
import { MessageReceiver } from "./message-receiver.ts";

const MAX_IN_FLIGHT = 10_000;

/**
 * A transport within this process, for applications that are one process, for tests and for simulations. It keeps every promise of the port but durability:
 * what is not handled when it closes, or when the process ends, is gone; the dead letters can be listed as long as it is referred to.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * await using transport = createInProcessTransport({ onDeadLetter: ({ message, error }) => log.error(message.id, error) });
 * transport.receive("orders", (message) => ship(message));
 * await transport.send("orders", [message]);
 */
export function createInProcessTransport(options: InProcessTransportOptions = {}): Transport {
  return new InProcessTransport(checkOptions(options));
}

class InProcessTransport implements Transport {
  readonly #settings: InProcessTransportSettings;
  readonly #runtime: Runtime = currentRuntime();
  readonly #channels = new Map<string, Channel>();
  readonly #receivers = new Set<MessageReceiver>();
  #closing: Promise<void> | undefined;

  constructor(settings: InProcessTransportSettings) {
    this.#settings = settings;
  }

  async send(channel: string, messages: readonly TransportMessage[], options: TransportCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    checkChannel(channel);
    checkMessages(messages, this.#settings.maxBufferedMessages);
    // Before the first wait: from then on the sender may change what it handed in.
    const copies = messages.map(copyMessage);
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    options.signal?.throwIfAborted();
    this.#refuseClosed();
    await this.#channel(channel).send(copies, options.signal);
  }

  receive(channel: string, handler: TransportHandler, options: ReceiveOptions = {}): Receiver {
    const { signal, maxInFlight = 1 } = options;
    checkChannel(channel);
    if (typeof handler !== "function") throw new InvalidArgument("handler", "a function", handler);
    checkInteger("maxInFlight", maxInFlight, 1, MAX_IN_FLIGHT);
    this.#refuseClosed();
    const receiver = new MessageReceiver({
      channel: this.#channel(channel),
      handler,
      maxInFlight,
      signal,
      settings: this.#settings,
      runtime: this.#runtime,
      onPark: (letter) => this.#tell(letter),
      onEnd: (ended) => this.#forget(ended),
    });
    this.#receivers.add(receiver);
    return receiver;
  }

  async deadLetters(channel: string, options: TransportCallOptions = {}): Promise<readonly DeadLetter[]> {
    options.signal?.throwIfAborted();
    checkChannel(channel);
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    options.signal?.throwIfAborted();
    return this.#channels.get(channel)?.deadLetters ?? [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const channel of this.#channels.values()) channel.refuse(closed());
    await Promise.all([...this.#receivers].map((receiver) => receiver.close()));
    for (const channel of this.#channels.values()) channel.clear();
  }

  #channel(name: string): Channel {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = new Channel(name, this.#settings.maxBufferedMessages);
      this.#channels.set(name, channel);
    }
    return channel;
  }

  /** Channels may be many and short-lived, one for each answer say: an empty one is not kept. */
  #forget(receiver: MessageReceiver): void {
    this.#receivers.delete(receiver);
    const name = receiver.channel;
    if (this.#channels.get(name)?.isIdle === true) this.#channels.delete(name);
  }

  #tell(letter: DeadLetter): void {
    try {
      this.#settings.onDeadLetter(letter);
    } catch (error) {
      // It must not stop the receiver, and must not go unseen.
      this.#runtime.scheduler.soon(() => {
        throw error;
      });
    }
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): AlreadyClosed {
  return new AlreadyClosed("The in-process transport");
}
