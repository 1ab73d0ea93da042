import { AlreadyClosed, InvalidArgument, type Clock } from "@reactive-domain/core";
import { placeInChain } from "../bus/ambient.ts";
import { MessageCanceled, MessageDropped, QueueFull } from "../errors.ts";
import { classOf, type MessageBase } from "../message.ts";
import { Entry, Waiter } from "./entry.ts";
import type { QueueSettings } from "./queue-options.ts";
import { Repetitions } from "./repetitions.ts";
import { WaitingRoom } from "./waiting-room.ts";

const MAX_SEVERAL = 64;
const CAPACITY_SHARE = 16;

interface IntakeOwner {
  onAccepted(): void;
  onGivenUp(): void;
}

/** Lets messages into a queue, as many as it holds, and does with the others what its policy says. */
export class Intake<M extends MessageBase> {
  readonly inside: WaitingRoom<M>;
  /** Those whose senders wait for room. */
  readonly outside: WaitingRoom<M>;
  /** How many accepted messages were given up, or were dropped instead of others. */
  dropped = 0;
  isClosed = false;
  readonly #settings: QueueSettings<M>;
  readonly #clock: Clock;
  readonly #owner: IntakeOwner;
  readonly #lastLane: number;
  readonly #several: number;
  readonly #repetitions: Repetitions<M> | undefined;

  constructor(settings: QueueSettings<M>, clock: Clock, owner: IntakeOwner) {
    const laneCount = Math.max(1, settings.lanes.size);
    this.#settings = settings;
    this.#clock = clock;
    this.#owner = owner;
    this.#lastLane = laneCount - 1;
    this.#repetitions = settings.skipRepeated ? new Repetitions(settings.capacity) : undefined;
    this.#several = Math.max(1, Math.min(MAX_SEVERAL, Math.floor(settings.capacity / CAPACITY_SHARE)));
    this.inside = new WaitingRoom(laneCount, settings.partitionBy === undefined ? undefined : settings.capacity);
    this.outside = new WaitingRoom(laneCount, undefined);
  }

  /** An entry for a message, or the one before it where the message is a repetition. Errors: `already-closed`, `message-canceled`, `invalid-argument`. */
  entryOf(message: M, signal: AbortSignal | undefined): Entry<M> {
    const { type } = classOf(message);
    if (this.isClosed) throw new AlreadyClosed(`The queue ${this.#settings.name}`);
    if (signal?.aborted === true) throw new MessageCanceled(type, signal.reason);
    placeInChain(message);
    const { partitionBy } = this.#settings;
    const key = partitionBy?.(message);
    return this.#repetitions?.find(message, key) ?? new Entry(message, signal, this.#laneOf(message), key);
  }

  /** Takes a new entry in, lets it wait outside, drops it, or refuses it. Errors: `queue-full`. */
  offer(entry: Entry<M>, isFromHandler: boolean): void {
    const { name, capacity, whenFull } = this.#settings;
    const isFull = this.inside.size >= capacity || this.outside.size > 0;
    if (isFull && (whenFull === "refuse" || (whenFull === "wait" && isFromHandler))) throw new QueueFull(name, capacity, isFromHandler);
    this.#repetitions?.keep(entry);
    if (entry.caller !== undefined) this.#listen(entry);
    if (!isFull) this.#accept(entry);
    else if (whenFull === "dropOldest") this.#replaceWith(entry);
    else this.#letWait(entry);
  }

  /** Takes in those who wait outside, once there is room for several of them: to wake senders one by one costs more than to handle a message. */
  letSomeIn(): void {
    if (this.outside.size > 0 && this.inside.size <= this.#settings.capacity - this.#several) this.letIn();
  }

  /** Takes in those who wait outside, as far as there is room. */
  letIn(): void {
    while (this.outside.size > 0 && this.inside.size < this.#settings.capacity) {
      const entry = this.outside.take();
      if (entry === undefined) return;
      const { signal, message } = entry;
      if (signal?.aborted === true) {
        this.#end(entry, new MessageCanceled(classOf(message).type, signal.reason));
        continue;
      }
      if (entry.caller === undefined) entry.unlisten?.();
      entry.sender?.resolve();
      this.#accept(entry);
    }
  }

  /** Takes an entry back that has not begun, and tells who waits for it. */
  giveUp(entry: Entry<M>, error: unknown): void {
    if (entry.state === "outside") this.outside.remove(entry);
    else if (entry.state === "waiting") this.inside.remove(entry);
    else return;
    this.#end(entry, error);
    this.letIn();
    this.#owner.onGivenUp();
  }

  /** Gives up all that has not begun. */
  giveUpAll(error: Error): void {
    const outside = [...this.outside];
    const inside = [...this.inside];
    this.dropped += inside.length;
    for (const entry of [...outside, ...inside]) this.giveUp(entry, error);
  }

  #accept(entry: Entry<M>): void {
    entry.state = "waiting";
    entry.queuedAtMs = this.#clock.monotonicMs();
    this.inside.add(entry);
    this.#owner.onAccepted();
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
    const oldest = this.inside.leastUrgent;
    this.dropped++;
    if (oldest === undefined || oldest.lane < entry.lane) {
      this.#end(entry, this.#dropError(entry));
      return;
    }
    this.giveUp(oldest, this.#dropError(oldest));
    this.#accept(entry);
  }

  #dropError({ message }: Entry<M>): MessageDropped {
    return new MessageDropped(this.#settings.name, classOf(message).type);
  }

  #end(entry: Entry<M>, error: unknown): void {
    entry.state = "given-up";
    entry.unlisten?.();
    entry.sender?.reject(error);
    entry.caller?.reject(error);
  }

  #listen(entry: Entry<M>): void {
    const { signal, message } = entry;
    if (signal === undefined) return;
    const onAbort = (): void => this.giveUp(entry, new MessageCanceled(classOf(message).type, signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    entry.unlisten = () => signal.removeEventListener("abort", onAbort);
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
