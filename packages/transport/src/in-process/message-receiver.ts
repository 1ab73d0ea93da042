import { setMaxListeners } from "node:events";
import { AlreadyClosed, sleep, yieldToLoop, type Runtime } from "@reactive-domain/core";
import type { DeadLetter } from "../dead-letter.ts";
import { copyMessage } from "../transport-message.ts";
import type { Receiver, TransportHandler } from "../transport.ts";
import type { Channel } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import type { InProcessTransportSettings } from "./in-process-transport-options.ts";
import { retryDelay } from "./retry-delay.ts";
import { UnderWay } from "./under-way.ts";

/** What a receiver works with. */
export interface MessageReceiverOptions {
  readonly channel: Channel;
  readonly handler: TransportHandler;
  readonly maxInFlight: number;
  readonly signal: AbortSignal | undefined;
  readonly settings: InProcessTransportSettings;
  readonly runtime: Runtime;
  readonly onPark: (letter: DeadLetter) => void;
  /** Called once, when the last handler has ended. */
  readonly onEnd: (receiver: MessageReceiver) => void;
}

/** Takes messages of a channel while fewer than `maxInFlight` are under way, and stays with each until it is handled or parked. */
export class MessageReceiver implements Receiver {
  readonly channel: string;
  readonly #options: MessageReceiverOptions;
  readonly #closing = new AbortController();
  readonly #underWay: UnderWay;
  readonly #taking: Promise<void>;
  readonly #onAbort = (): void => void this.close();
  #closed: Promise<void> | undefined;

  constructor(options: MessageReceiverOptions) {
    this.channel = options.channel.name;
    this.#options = options;
    options.channel.receivers++;
    // Every message in flight may wait for this signal, in its handler too: many listeners are no leak.
    setMaxListeners(0, this.#closing.signal);
    this.#underWay = new UnderWay(options.maxInFlight);
    this.#taking = this.#take();
    if (options.signal?.aborted === true) this.#onAbort();
    else options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#closing.abort(new AlreadyClosed(`The receiver on ${this.channel}`));
    await this.#taking;
    await this.#underWay.end();
    this.#options.channel.receivers--;
    this.#options.onEnd(this);
  }

  async #take(): Promise<void> {
    for (;;) {
      await this.#underWay.room();
      const delivery = await this.#options.channel.take(this.#closing.signal);
      if (delivery === undefined) return;
      this.#underWay.add(this.#deliver(delivery));
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    let isSettled = false;
    while (!isSettled) {
      await this.#untilDue(delivery);
      if (this.#closing.signal.aborted) return this.#options.channel.giveBack(delivery);
      isSettled = await this.#attempt(delivery);
    }
  }

  /** Also for a delivery that is due: no handler runs in its sender's stack, and many messages do not keep input and output waiting. */
  async #untilDue({ dueMs }: Delivery): Promise<void> {
    const { runtime } = this.#options;
    const waitMs = Math.ceil(dueMs - runtime.clock.monotonicMs());
    if (waitMs <= 0) return yieldToLoop({ runtime });
    // Only the signal makes it reject.
    await sleep(waitMs, { signal: this.#closing.signal, runtime }).catch(() => undefined);
  }

  /** Tells whether the delivery is settled: handled or parked. */
  async #attempt(delivery: Delivery): Promise<boolean> {
    const { channel, handler, settings, runtime, onPark } = this.#options;
    const attempt = ++delivery.attempts;
    try {
      await handler(copyMessage(delivery.message), { channel: channel.name, attempt, signal: this.#closing.signal });
    } catch (error) {
      if (attempt >= settings.maxAttempts) {
        onPark(channel.park(delivery, error));
        return true;
      }
      delivery.dueMs = runtime.clock.monotonicMs() + retryDelay(attempt, settings);
      return false;
    }
    channel.settle();
    return true;
  }
}
