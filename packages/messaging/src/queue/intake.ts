import { AlreadyClosed, InvalidArgument } from "@reactive-domain/core";
import { placeInChain } from "../bus/ambient.ts";
import { isThenable } from "../thenable.ts";
import { MessageCanceled, MessageDropped, QueueFull } from "../errors.ts";
import { checkMessage, classOf, type MessageBase } from "../message.ts";
import { Entry, Waiter } from "./entry.ts";
import { Lanes } from "./lanes.ts";
import type { QueueSettings } from "./queue-options.ts";
import { Repetitions } from "./repetitions.ts";
import type { TurnClock } from "../turn-clock.ts";
import type { WaitingRoom } from "./waiting-room.ts";

const MAX_SEVERAL = 64;
const CAPACITY_SHARE = 16;

interface IntakeOwner {
  onAccepted(): void;
  onGivenUp(): void;
}

/** Lets messages into a queue, as many as it holds, and does with the others what its policy says. */
export class Intake<M extends MessageBase> {
  /** Those whose senders wait for room. */
  readonly outside: Lanes<Entry<M>>;
  /** How many accepted messages were given up, or were dropped instead of others. */
  dropped = 0;
  #isClosed = false;
  readonly #settings: QueueSettings<M>;
  readonly #inside: WaitingRoom<M>;
  readonly #clock: TurnClock;
  readonly #owner: IntakeOwner;
  readonly #lastLane: number;
  readonly #several: number;
  readonly #repetitions: Repetitions<M> | undefined;

  constructor(settings: QueueSettings<M>, inside: WaitingRoom<M>, clock: TurnClock, owner: IntakeOwner) {
    this.#settings = settings;
    this.#clock = clock;
    this.#owner = owner;
    this.#lastLane = settings.laneCount - 1;
    this.#repetitions = settings.skipRepeated ? new Repetitions(settings.capacity) : undefined;
    this.#several = Math.max(1, Math.min(MAX_SEVERAL, Math.floor(settings.capacity / CAPACITY_SHARE)));
    this.#inside = inside;
    this.outside = new Lanes(settings.laneCount, "outside");
  }

  /** An entry for a message, or the one before it where the message is a repetition. Errors: `already-closed`, `message-canceled`, `invalid-argument`. */
  entryOf(message: M, signal: AbortSignal | undefined): Entry<M> {
    checkMessage(message);
    if (this.#isClosed) throw new AlreadyClosed(`The queue ${this.#settings.name}`);
    if (signal?.aborted === true) throw new MessageCanceled(classOf(message).type, signal.reason);
    placeInChain(message);
    const key = this.#keyOf(message);
    return this.#repetitions?.find(message, key) ?? new Entry(message, signal, this.#laneOf(message), key);
  }

  /** Lets nothing new in any more. */
  close(): void {
    this.#isClosed = true;
    this.#repetitions?.clear();
  }

  /** Takes a new entry in, lets it wait outside, drops it, or refuses it. Errors: `queue-full`. */
  offer(entry: Entry<M>, isFromHandler: boolean): void {
    const { name, capacity, whenFull } = this.#settings;
    const isFull = this.#inside.size >= capacity || this.outside.size > 0;
    if (isFull && (whenFull === "refuse" || (whenFull === "wait" && isFromHandler))) throw new QueueFull(name, capacity, isFromHandler);
    this.#repetitions?.keep(entry);
    if (entry.caller !== undefined) this.#listen(entry);
    if (!isFull) this.#accept(entry);
    else if (whenFull === "dropOldest") this.#replaceWith(entry);
    else this.#letWait(entry);
  }

  /** Takes in those who wait outside, once there is room for several of them: to wake senders one by one costs more than to handle a message. */
  letSomeIn(): void {
    if (this.outside.size > 0 && this.#inside.size <= this.#settings.capacity - this.#several) this.letIn();
  }

  /** Takes in those who wait outside, as far as there is room. */
  letIn(): void {
    while (this.#inside.size < this.#settings.capacity) {
      const entry = this.outside.mostUrgent;
      if (entry === undefined) return;
      // One of several whose signal is just telling them.
      if (entry.signal?.aborted === true) this.#giveBack(entry, this.#cancelError(entry));
      else this.#admit(entry);
    }
  }

  /** Takes entries back that have not begun, and tells who waits for them. Only when all are back, others get their room. */
  giveUp(entries: Iterable<Entry<M>>, error: unknown): void {
    for (const entry of entries) this.#giveBack(entry, error);
    this.letIn();
    this.#owner.onGivenUp();
  }

  /** Gives up all that has not begun. */
  giveUpAll(error: Error): void {
    this.dropped += this.#inside.size;
    this.giveUp([...this.outside, ...this.#inside], error);
  }

  #accept(entry: Entry<M>): void {
    entry.state = "waiting";
    entry.queuedAtMs = this.#clock.nowMs;
    this.#inside.add(entry);
    this.#owner.onAccepted();
  }

  #admit(entry: Entry<M>): void {
    this.#accept(entry);
    this.outside.leave(entry);
    if (entry.caller === undefined) entry.unlisten?.();
    entry.sender?.resolve();
  }

  #giveBack(entry: Entry<M>, error: unknown): void {
    const place = entry.state === "outside" ? this.outside : this.#inside;
    this.#end(entry, error);
    place.leave(entry);
  }

  #letWait(entry: Entry<M>): void {
    entry.state = "outside";
    if (entry.caller === undefined) {
      entry.sender = new Waiter();
      this.#listen(entry);
    }
    this.outside.add(entry);
  }

  #replaceWith(entry: Entry<M>): void {
    const oldest = this.#inside.leastUrgent;
    this.dropped++;
    if (oldest === undefined || oldest.lane < entry.lane) {
      this.#end(entry, this.#dropError(entry));
      return;
    }
    this.giveUp([oldest], this.#dropError(oldest));
    this.#accept(entry);
  }

  #dropError({ message }: Entry<M>): MessageDropped {
    return new MessageDropped(this.#settings.name, classOf(message).type);
  }

  #cancelError({ message, signal }: Entry<M>): MessageCanceled {
    return new MessageCanceled(classOf(message).type, signal?.reason);
  }

  #end(entry: Entry<M>, error: unknown): void {
    entry.state = "given-up";
    entry.unlisten?.();
    entry.sender?.reject(error);
    entry.caller?.reject(error);
  }

  #listen(entry: Entry<M>): void {
    const { signal } = entry;
    if (signal === undefined) return;
    const onAbort = (): void => this.giveUp([entry], this.#cancelError(entry));
    signal.addEventListener("abort", onAbort, { once: true });
    entry.unlisten = () => signal.removeEventListener("abort", onAbort);
  }

  #keyOf(message: M): unknown {
    const { name, partitionBy } = this.#settings;
    const key = partitionBy?.(message);
    if (!isThenable(key)) return key;
    key.then(undefined, () => undefined);
    throw new InvalidArgument(`The key of a message of ${name}`, "there at once", key, "No two promises are the same key.");
  }

  #laneOf(message: M): number {
    const { name, lanes, laneOf } = this.#settings;
    if (laneOf === undefined) return this.#lastLane;
    const lane = laneOf(message);
    const number = lanes.get(lane);
    if (number === undefined) throw new InvalidArgument(`The lane of a message of ${name}`, `one of ${[...lanes.keys()].join(", ")}`, lane);
    return number;
  }
}
