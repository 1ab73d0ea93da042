import { waitWith } from "@reactive-domain/core";
import { copyDeadLetter, type DeadLetter } from "../dead-letter.ts";
import type { TransportMessage } from "../transport-message.ts";
import type { Delivery } from "./delivery.ts";
import { DeliveryQueue } from "./delivery-queue.ts";

interface WaitingSend {
  readonly messages: readonly TransportMessage[];
  done: () => void;
  error: Error | undefined;
}

type Taker = (delivery: Delivery) => void;

/**
 * One channel: what was accepted and is not settled, that is neither handled nor parked; who waits for a message; who waits for room. Each of them waits in
 * line: the longest wait ends first.
 */
export class Channel {
  readonly name: string;
  /** How many receivers work on it. */
  receivers = 0;
  readonly #capacity: number;
  readonly #queue = new DeliveryQueue();
  readonly #takers = new Set<Taker>();
  readonly #senders = new Set<WaitingSend>();
  readonly #deadLetters: DeadLetter[] = [];
  #accepted = 0;
  #unsettled = 0;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.#capacity = capacity;
  }

  /** Whether nothing would be lost without it. Who waits for room waits behind what is not settled. */
  get isIdle(): boolean {
    return this.receivers === 0 && this.#unsettled === 0 && this.#deadLetters.length === 0;
  }

  get deadLetters(): readonly DeadLetter[] {
    return this.#deadLetters.map(copyDeadLetter);
  }

  /** Accepts the messages, all at once, as soon as there is room for them and nobody waited before. */
  async send(messages: readonly TransportMessage[], signal: AbortSignal | undefined): Promise<void> {
    if (this.#senders.size === 0 && this.#hasRoomFor(messages)) return this.#accept(messages);
    const send: WaitingSend = { messages, done: () => undefined, error: undefined };
    await waitWith(signal, (done) => {
      send.done = done;
      this.#senders.add(send);
      return () => this.#withdraw(send);
    });
    if (send.error !== undefined) throw send.error;
  }

  /** The next delivery, as soon as there is one; `undefined` when the signal ends the wait. */
  async take(signal: AbortSignal): Promise<Delivery | undefined> {
    if (signal.aborted) return undefined;
    let taken = this.#queue.take();
    if (taken !== undefined) return taken;
    const wait = waitWith(signal, (done) => {
      const taker: Taker = (delivery) => {
        taken = delivery;
        done();
      };
      this.#takers.add(taker);
      return () => this.#takers.delete(taker);
    });
    // Only the signal makes it reject.
    await wait.catch(() => undefined);
    return taken;
  }

  /** Lets others have a delivery that was taken, in its old place. */
  giveBack(delivery: Delivery): void {
    this.#queue.giveBack(delivery);
    this.#handOut();
  }

  /** A delivery was handled: its room is free. */
  settle(): void {
    this.#unsettled--;
    this.#admit();
  }

  /** Keeps the message of a delivery that is given up. */
  park({ message, attempts }: Delivery, error: unknown): DeadLetter {
    const letter: DeadLetter = { channel: this.name, message, error, attempts };
    this.#deadLetters.push(letter);
    this.settle();
    return copyDeadLetter(letter);
  }

  /** Ends the wait of all senders with an error. */
  refuse(error: Error): void {
    for (const send of this.#senders) {
      send.error = error;
      send.done();
    }
    this.#senders.clear();
  }

  /** Forgets what nobody has taken. */
  clear(): void {
    this.#queue.clear();
  }

  #hasRoomFor(messages: readonly TransportMessage[]): boolean {
    return this.#unsettled + messages.length <= this.#capacity;
  }

  #accept(messages: readonly TransportMessage[]): void {
    for (const message of messages) this.#queue.append({ sequence: this.#accepted++, message, attempts: 0, dueMs: 0 });
    this.#unsettled += messages.length;
    this.#handOut();
  }

  #withdraw(send: WaitingSend): void {
    this.#senders.delete(send);
    // A smaller one behind it may fit.
    this.#admit();
  }

  #admit(): void {
    for (const send of this.#senders) {
      if (!this.#hasRoomFor(send.messages)) return;
      this.#senders.delete(send);
      this.#accept(send.messages);
      send.done();
    }
  }

  #handOut(): void {
    for (const taker of this.#takers) {
      const delivery = this.#queue.take();
      if (delivery === undefined) return;
      this.#takers.delete(taker);
      taker(delivery);
    }
  }
}
