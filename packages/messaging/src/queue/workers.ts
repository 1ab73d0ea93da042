import { yieldToLoop, type Clock, type Runtime, type Scheduler } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import { BatchTimer } from "./batch-timer.ts";
import type { Entry } from "./entry.ts";
import type { QueueSettings } from "./queue-options.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** How long, and for how many messages, workers go on before the event loop turns. */
const SLICE_MS = 1;
const MAX_STEPS = 256;

const PASSED: Promise<void> = Promise.resolve();

/** What workers do for their queue. None of these throws. */
export interface WorkersOwner<M extends MessageBase> {
  /** Begins the handling of a message, or of a batch that it is the first of. May throw what the handler throws. */
  handle(entry: Entry<M>, batch: readonly Entry<M>[] | undefined): unknown;
  /** So many begin, and there is room for those who wait outside. */
  onTaken(many: number, nowMs: number): void;
  /** None of those who wait may begin. */
  onStarved(): void;
  onHandled(entry: Entry<M>, answer: unknown): void;
  onFailed(entries: readonly Entry<M>[], error: unknown): void;
  /** No handler runs. */
  onPause(): void;
}

/** Brings waiting messages to the handler, so many at once. */
export class Workers<M extends MessageBase> {
  /** No message begins while this is set. */
  isHeld = false;
  readonly batches: BatchTimer<M> | undefined;
  readonly #owner: WorkersOwner<M>;
  readonly #room: WaitingRoom<M>;
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #parallelism: number;
  /** By worker, what it is at. */
  readonly #current: (Entry<M> | readonly Entry<M>[] | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  #alive = 0;
  #running = 0;
  #sliceEndMs = 0;
  #steps = 0;
  #turning: Promise<void> | undefined;

  constructor(owner: WorkersOwner<M>, room: WaitingRoom<M>, settings: QueueSettings<M>, runtime: Runtime) {
    this.#owner = owner;
    this.#room = room;
    this.#runtime = runtime;
    this.#clock = runtime.clock;
    this.#scheduler = runtime.scheduler;
    this.#parallelism = settings.parallelism;
    this.batches = settings.batch && new BatchTimer(settings.batch, room, runtime, () => this.wake());
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

  get current(): readonly Entry<M>[] {
    return this.#current.flatMap((work) => work ?? []);
  }

  /** Puts another worker to work, where one is free and a message may begin. */
  wake(): void {
    if (this.#alive < this.#parallelism && !this.isHeld && this.#isReady()) void this.#work(this.#freeSlots.pop() ?? this.#alive);
  }

  /** Puts all free workers to work. */
  wakeAll(): void {
    for (let many = Math.min(this.#parallelism - this.#alive, this.#room.size); many > 0; many--) this.wake();
  }

  #isReady(): boolean {
    return this.batches === undefined ? this.#room.isReady : this.batches.isDue();
  }

  async #work(slot: number): Promise<void> {
    this.#alive++;
    // Whoever posts goes on before the handler begins.
    await PASSED;
    for (let nowMs = this.#clock.monotonicMs(); ; nowMs = this.#clock.monotonicMs()) {
      const pause = this.#scheduler.turn() ?? this.#pause(nowMs);
      if (pause !== undefined) await pause;
      const entry = this.#next();
      if (entry === undefined) break;
      const batch = this.#begin(entry, slot, pause === undefined ? nowMs : this.#clock.monotonicMs());
      try {
        const answer = await this.#owner.handle(entry, batch);
        this.#end(slot);
        if (batch === undefined) this.#owner.onHandled(entry, answer);
        else for (const one of batch) this.#owner.onHandled(one, undefined);
      } catch (error) {
        this.#end(slot);
        this.#owner.onFailed(batch ?? [entry], error);
      }
      if (entry.partition !== undefined) this.#room.release(entry.partition);
      if (this.#running === 0 && this.isHeld) this.#owner.onPause();
    }
    this.#freeSlots.push(slot);
    this.#alive--;
    if (this.#running === 0) this.#owner.onPause();
  }

  /** Handlers that wait for nothing must not keep the event loop. */
  #pause(nowMs: number): Promise<void> | undefined {
    return nowMs < this.#sliceEndMs && ++this.#steps < MAX_STEPS ? undefined : this.#turnLoop();
  }

  async #turnLoop(): Promise<void> {
    await (this.#turning ??= yieldToLoop({ runtime: this.#runtime }));
    this.#turning = undefined;
    this.#steps = 0;
    this.#sliceEndMs = this.#clock.monotonicMs() + SLICE_MS;
  }

  #next(): Entry<M> | undefined {
    if (this.isHeld) return undefined;
    if (!this.#isReady()) this.#owner.onStarved();
    return this.#isReady() ? this.#room.take() : undefined;
  }

  #begin(first: Entry<M>, slot: number, nowMs: number): readonly Entry<M>[] | undefined {
    const batch = this.batches && this.#fill(first, this.batches.maxMessages);
    if (batch === undefined) start(first, nowMs);
    else for (const entry of batch) start(entry, nowMs);
    this.#current[slot] = batch ?? first;
    this.#running++;
    this.#owner.onTaken(batch?.length ?? 1, nowMs);
    return batch;
  }

  #end(slot: number): void {
    this.#current[slot] = undefined;
    this.#running--;
  }

  #fill(first: Entry<M>, maxMessages: number): readonly Entry<M>[] {
    const batch = [first];
    while (batch.length < maxMessages) {
      const entry = this.#room.take();
      if (entry === undefined) break;
      batch.push(entry);
    }
    return batch;
  }
}

function start<M extends MessageBase>(entry: Entry<M>, nowMs: number): void {
  entry.state = "running";
  entry.startedAtMs = nowMs;
  entry.unlisten?.();
}
