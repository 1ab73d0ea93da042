import type { ServerDuplexStream } from "@grpc/grpc-js";
import { Batch } from "../batched-messages.ts";
import { encodeReadEvent, type ReadEntry } from "../wire/encode-read-event.ts";
import type { SubscriptionReadRequest } from "../wire/decode-subscription-read.ts";
import type { UuidForm } from "../wire/uuid.ts";
import type { Message } from "./message.ts";
import { isReadable, type MayRead } from "./readable-links.ts";
import type { Pace } from "./pace.ts";

export type SubscriptionCall = Pick<ServerDuplexStream<SubscriptionReadRequest, unknown>, "getPeer" | "metadata" | "write">;

export interface ConsumerOptions {
  readonly call: SubscriptionCall;
  readonly username: string;
  readonly bufferSize: number;
  readonly uuidForm: UuidForm;
  readonly mayRead: MayRead;
  /** How much of it may wait for the connection before nothing more is given to it. */
  readonly maxBytes: number;
  readonly pace: Pace;
  readonly seed: number;
  /** Called when nothing more is to be had, with the error that says why. */
  readonly onEnd: (error: unknown) => void;
}

/** One who takes messages of a subscription, as long as its call lasts. */
export class Consumer {
  readonly from: string;
  readonly username: string;
  readonly connectionName: string;
  /** A number of its own, at random, by which messages are shared out. */
  readonly seed: number;
  readonly bufferSize: number;
  readonly pace: Pace;
  /** Ends its call, with the error that says why. */
  readonly end: (error: unknown) => void;
  readonly #call: SubscriptionCall;
  readonly #uuidForm: UuidForm;
  readonly #mayRead: MayRead;
  readonly #maxBytes: number;
  /** What it has not answered, in the order in which it was sent. */
  readonly #inFlight = new Map<string, Message>();
  #outbox: Buffer[] = [];
  #unsentBytes = 0;
  /** Called when it takes more again. */
  onRoom: () => void = () => undefined;

  constructor({ call, username, bufferSize, uuidForm, mayRead, maxBytes, pace, seed, onEnd }: ConsumerOptions) {
    this.from = call.getPeer();
    this.connectionName = call.metadata.get("connection-name")[0]?.toString() ?? "";
    this.username = username;
    this.bufferSize = bufferSize;
    this.pace = pace;
    this.seed = seed;
    this.end = onEnd;
    this.#call = call;
    this.#uuidForm = uuidForm;
    this.#mayRead = mayRead;
    this.#maxBytes = maxBytes;
  }

  /** How many more messages it takes. */
  get room(): number {
    return this.#unsentBytes < this.#maxBytes ? this.freeSlots : 0;
  }

  get freeSlots(): number {
    return this.bufferSize - this.#inFlight.size;
  }

  get inFlight(): ReadonlyMap<string, Message> {
    return this.#inFlight;
  }

  /** Whether it can be given a message: not one that has the id of another that it has, nor one of which it is not known yet whether it may read what it leads to. */
  takes({ id, entry }: Message): boolean {
    return this.room > 0 && !this.#inFlight.has(id) && (entry === undefined || this.#knowsRightTo(entry));
  }

  /** Puts a message among those that {@link flush} sends. */
  give(message: Message, nowMs: number): void {
    const { entry } = message;
    if (entry === undefined) return;
    const shown = isReadable(entry, this.#mayRead) === true ? entry : { event: undefined, link: entry.link };
    const bytes = encodeReadEvent(shown, this.#uuidForm, message.attempt - 1);
    message.entry = undefined;
    message.sentMs = nowMs;
    this.#inFlight.set(message.id, message);
    this.#outbox.push(bytes);
    this.#unsentBytes += bytes.length;
  }

  flush(): void {
    const messages = this.#outbox;
    if (messages.length === 0) return;
    this.#outbox = [];
    const bytes = messages.reduce((sum, { length }) => sum + length, 0);
    this.#call.write(new Batch(messages), () => {
      const wasBlocked = this.#unsentBytes >= this.#maxBytes;
      this.#unsentBytes -= bytes;
      if (wasBlocked) this.onRoom();
    });
  }

  confirm(subscriptionId: string): void {
    this.#call.write({ subscription_confirmation: { subscription_id: subscriptionId } });
  }

  /** Takes a message back by its id. */
  take(id: string): Message | undefined {
    const message = this.#inFlight.get(id);
    if (message !== undefined) this.#inFlight.delete(id);
    return message;
  }

  /** Forgets messages that are another's by now. */
  lose(isLost: (message: Message) => boolean): void {
    for (const [id, message] of this.#inFlight) if (isLost(message)) this.#inFlight.delete(id);
  }

  #knowsRightTo(entry: ReadEntry): boolean {
    const right = isReadable(entry, this.#mayRead);
    if (typeof right === "boolean") return true;
    right.then(() => this.onRoom(), this.end);
    return false;
  }

  /** Takes everything back. */
  takeAll(): readonly Message[] {
    const messages = [...this.#inFlight.values()];
    this.#inFlight.clear();
    return messages;
  }
}
