import { currentRuntime, type Scheduler } from "@reactive-domain/core";
import { isThenable } from "../thenable.ts";
import type { MessageBase } from "../message.ts";
import { batchOf, type Entry } from "./entry.ts";
import { LoopSlices } from "./loop-slices.ts";
import type { CurrentMessage } from "./queue.ts";
import type { TurnClock } from "../turn-clock.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What workers do for their queue. None of these throws, except for `handle`. */
export interface WorkersOwner<M extends MessageBase> {
  /** Begins the handling of a message, or of the batch that it is the first of, like all that follow. Throws what the handler throws. */
  handle(first: Entry<M>): unknown;
  /** It begins, and there is room for those who wait outside. */
  onTaken(first: Entry<M>, nowMs: number): void;
  /** None of those who wait may begin. */
  onStarved(): void;
  onHandled(first: Entry<M>, answer: unknown): void;
  onFailed(first: Entry<M>, error: unknown): void;
  /** No handler runs. */
  onPause(): void;
}

/** Brings waiting messages to the handler, so many at once. */
export class Workers<M extends MessageBase> {
  /** No message begins while this is set. */
  isHeld = false;
  readonly #owner: WorkersOwner<M>;
  readonly #room: WaitingRoom<M>;
  readonly #parallelism: number;
  readonly #clock: TurnClock;
  readonly #scheduler: Scheduler = currentRuntime().scheduler;
  readonly #slices = new LoopSlices(currentRuntime());
  /** By worker, what it is at, and since when. */
  readonly #current: (Entry<M> | undefined)[] = [];
  readonly #startedAtMs: number[] = [];
  readonly #freeSlots: number[] = [];
  #alive = 0;
  #running = 0;
  #isStarting = false;

  constructor(owner: WorkersOwner<M>, room: WaitingRoom<M>, parallelism: number, clock: TurnClock) {
    this.#owner = owner;
    this.#room = room;
    this.#parallelism = parallelism;
    this.#clock = clock;
  }

  /** How many calls of the handler are under way. */
  get running(): number {
    return this.#running;
  }

  /** Whether nothing is under way, and nothing about to begin. */
  get isAtRest(): boolean {
    return this.#alive === 0 && this.#room.size === 0;
  }

  get isAllAtWork(): boolean {
    return this.#alive === this.#parallelism;
  }

  currentAt(nowMs: number): readonly CurrentMessage<M>[] {
    return this.#current.flatMap((first, slot) => {
      const runningMs = nowMs - (this.#startedAtMs[slot] ?? nowMs);
      return first === undefined ? [] : batchOf(first).map(({ message }) => ({ message, runningMs }));
    });
  }

  /** Puts free workers to work for the messages that may begin, once whoever has posted them has gone on and the event loop has turned. */
  wake(): void {
    if (this.#isStarting || this.isHeld || this.#alive === this.#parallelism || !this.#room.isReady) return;
    this.#isStarting = true;
    this.#scheduler.soon(this.#start);
  }

  readonly #start = (): void => {
    this.#isStarting = false;
    this.#slices.begin();
    for (let many = Math.min(this.#parallelism - this.#alive, this.#room.size); many > 0 && !this.isHeld && this.#room.isReady; many--) {
      void this.#work(this.#freeSlots.pop() ?? this.#alive);
    }
  };

  async #work(slot: number): Promise<void> {
    this.#alive++;
    for (;;) {
      const pause = this.#scheduler.turn() ?? this.#slices.pause();
      if (pause !== undefined) await pause;
      const first = this.#next();
      if (first === undefined) break;
      this.#begin(first, slot);
      try {
        const answer = this.#owner.handle(first);
        const settled = isThenable(answer) ? await answer : answer;
        this.#end(slot);
        this.#owner.onHandled(first, settled);
      } catch (error) {
        this.#end(slot);
        this.#owner.onFailed(first, error);
      }
      this.#room.release(first);
      if (this.#running === 0 && this.isHeld) this.#owner.onPause();
    }
    this.#freeSlots.push(slot);
    this.#alive--;
    if (this.#running === 0) this.#owner.onPause();
  }

  /** What may begin now, if anything. */
  #next(): Entry<M> | undefined {
    if (this.isHeld) return undefined;
    const first = this.#room.take();
    if (first !== undefined) return first;
    this.#owner.onStarved();
    return this.#room.take();
  }

  #begin(first: Entry<M>, slot: number): void {
    const { nowMs } = this.#clock;
    this.#current[slot] = first;
    this.#startedAtMs[slot] = nowMs;
    this.#running++;
    this.#owner.onTaken(first, nowMs);
  }

  #end(slot: number): void {
    this.#current[slot] = undefined;
    this.#running--;
  }
}
