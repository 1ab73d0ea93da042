import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { AlreadyClosed, currentRuntime, InvalidArgument, type Runtime } from "@reactive-domain/core";
import { QueueStalled } from "../errors.ts";
import type { MessageBase } from "../message.ts";
import { rejected } from "../rejected.ts";
import { batchOf, Waiter, type Entry } from "./entry.ts";
import { CommonRoom } from "./common-room.ts";
import { Handling } from "./handling.ts";
import { Intake } from "./intake.ts";
import { KeyedRoom } from "./keyed-room.ts";
import type { QueueSettings } from "./queue-options.ts";
import type { MessageQueue, QueueCallOptions, QueueStatistics } from "./queue.ts";
import { RateMeter } from "./rate-meter.ts";
import { Readers } from "./readers.ts";
import { reportFailure } from "./report-failure.ts";
import { StallWatch, type Watched } from "./stall-watch.ts";
import { TurnClock } from "../turn-clock.ts";
import type { WaitingRoom } from "./waiting-room.ts";
import { Workers, type WorkersOwner } from "./workers.ts";

/** Calls a handler for a message, or for the batch that it is the first of. `queue` is what its context belongs to. */
export type Handle<M extends MessageBase> = (queue: object, first: Entry<M>) => unknown;

const ACCEPTED: Promise<void> = Promise.resolve();

/** Brings together who is let in, who works, and who waits. */
export class WorkQueue<M extends MessageBase, R> implements MessageQueue<M, R>, WorkersOwner<M>, Watched {
  readonly name: string;
  readonly #settings: QueueSettings<M>;
  readonly #handle: Handle<M>;
  readonly #runtime: Runtime = currentRuntime();
  readonly #inside: WaitingRoom<M>;
  readonly #intake: Intake<M>;
  readonly #workers: Workers<M>;
  readonly #watch: StallWatch;
  readonly #readers = new Readers();
  readonly #rate: RateMeter;
  readonly #resting: Set<Waiter> = new Set();
  #handled = 0;
  #failed = 0;
  /** Whether the part of a handler before its first `await` is running. */
  #isEntered = false;

  constructor(settings: QueueSettings<M>, handle: Handle<M>) {
    const { clock, scheduler } = this.#runtime;
    this.name = settings.name;
    this.#settings = settings;
    this.#handle = handle;
    const turnClock = new TurnClock(this.#runtime);
    const Room = settings.partitionBy === undefined ? CommonRoom<M> : KeyedRoom<M>;
    this.#inside = new Room(settings, this.#runtime, () => this.#workers.wake());
    this.#intake = new Intake(settings, this.#inside, turnClock, {
      onAccepted: () => this.#workers.wake(),
      onGivenUp: () => this.onPause(),
    });
    this.#workers = new Workers(this, this.#inside, settings.parallelism, turnClock);
    this.#watch = new StallWatch(this, scheduler, settings.stallAfterMs);
    this.#rate = new RateMeter(clock.monotonicMs());
  }

  readonly post = (message: M, options?: QueueCallOptions): Promise<void> => {
    try {
      const entry = this.#intake.entryOf(message, options?.signal);
      const isNew = entry.state === "new";
      if (isNew) this.#intake.offer(entry, this.#isWithin(options));
      if (entry.state !== "outside") return ACCEPTED;
      this.#watch.start();
      entry.sender ??= new Waiter();
      return entry.sender.promise as Promise<void>;
    } catch (error) {
      return rejected(error);
    }
  };

  readonly run = (message: M, options?: QueueCallOptions): Promise<R> => {
    try {
      const entry = this.#intake.entryOf(message, options?.signal);
      if (entry.state === "handled") return Promise.resolve(entry.answer as R);
      const caller = (entry.caller ??= new Waiter());
      if (entry.state === "new") this.#intake.offer(entry, this.#isWithin(options));
      if (this.#workers.running > 0 || this.#inside.size + this.#intake.outside.size > 1) this.#watch.start();
      return caller.promise as Promise<R>;
    } catch (error) {
      return rejected(error);
    }
  };

  async idle(options: QueueCallOptions = {}): Promise<void> {
    const { signal } = options;
    if (this.#isAtRest) return;
    signal?.throwIfAborted();
    this.#watch.start();
    const rest = new Waiter();
    const onAbort = (): void => rest.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#resting.add(rest);
    try {
      await rest.promise;
    } finally {
      this.#resting.delete(rest);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async drain(options?: QueueCallOptions): Promise<void> {
    this.#intake.close();
    this.#inside.flush();
    this.#workers.wake();
    await this.idle(options);
  }

  close(options?: QueueCallOptions): Promise<void> {
    this.#intake.close();
    this.#intake.giveUpAll(new AlreadyClosed(`The queue ${this.name}`));
    return this.#isWithin(options) ? ACCEPTED : this.idle(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  statistics(): QueueStatistics<M> {
    const { outside, dropped } = this.#intake;
    const nowMs = this.#runtime.clock.monotonicMs();
    return {
      name: this.name,
      depth: this.#inside.size,
      waitingSenders: outside.size,
      oldestAgeMs: nowMs - (this.#inside.oldestMs ?? nowMs),
      perSecond: this.#rate.perSecond(nowMs),
      current: this.#workers.currentAt(nowMs),
      handled: this.#handled,
      failed: this.#failed,
      dropped,
    };
  }

  read<T>(look: (version: number) => T | Promise<T>): Promise<T> {
    if (typeof look !== "function") return rejected(new InvalidArgument("look", "a function", look));
    const read = this.#readers.add(() => look(this.#handled + this.#failed));
    this.#workers.isHeld = true;
    this.#watch.start();
    if (this.#workers.running === 0) void this.#letRead();
    return read;
  }

  handle(first: Entry<M>): unknown {
    this.#isEntered = true;
    try {
      // A batch is of many, and goes on for none of them.
      const origin = first.batch === undefined ? first.context : ROOT_CONTEXT;
      return context.active() === origin ? this.#handle(this, first) : context.with(origin, () => this.#handle(this, first));
    } finally {
      this.#isEntered = false;
    }
  }

  onTaken({ batch }: Entry<M>, nowMs: number): void {
    this.#rate.count(nowMs, batch?.length ?? 1);
    if (this.#workers.isAllAtWork) this.#intake.letSomeIn();
    else this.#intake.letIn();
  }

  onStarved(): void {
    this.#intake.letIn();
  }

  onHandled(first: Entry<M>, answer: unknown): void {
    if (first.batch === undefined) this.#onOneHandled(first, answer);
    else for (const entry of first.batch) this.#onOneHandled(entry, undefined);
  }

  onFailed(first: Entry<M>, error: unknown): void {
    const entries = batchOf(first);
    this.#failed += entries.length;
    for (const entry of entries) {
      entry.state = "failed";
      entry.caller?.reject(error);
    }
    void reportFailure(this.#settings, entries, error);
  }

  onPause(): void {
    if (this.#workers.running === 0 && this.#readers.isActive) void this.#letRead();
    if (!this.#isAtRest) return;
    this.#inside.forgetKeys();
    if (!this.#readers.isActive) this.#watch.stop();
    for (const rest of this.#resting) rest.resolve();
  }

  /** How many messages and readers have ended. */
  get progress(): number {
    return this.#handled + this.#failed + this.#readers.ended;
  }

  get isBusy(): boolean {
    return this.#workers.running > 0 || this.#readers.isReading;
  }

  get isAwaited(): boolean {
    return this.#resting.size > 0 || this.#readers.isActive || this.#intake.outside.size + this.#inside.size > 0;
  }

  onStalled(): void {
    const error = new QueueStalled(this.name, this.#settings.stallAfterMs, this.#workers.running);
    const callers = [...this.#inside].filter(({ caller }) => caller !== undefined);
    this.#intake.giveUp([...this.#intake.outside, ...callers], error);
    for (const rest of this.#resting) rest.reject(error);
    this.#readers.giveUp(error);
    if (!this.#readers.isActive) this.#release();
  }

  #onOneHandled(entry: Entry<M>, answer: unknown): void {
    this.#handled++;
    entry.state = "handled";
    if (this.#settings.skipRepeated) entry.answer = answer;
    entry.caller?.resolve(answer);
  }

  get #isAtRest(): boolean {
    return this.#workers.isAtRest;
  }

  #isWithin(options: QueueCallOptions | undefined): boolean {
    return this.#isEntered || Handling.isWithin(this, options);
  }

  async #letRead(): Promise<void> {
    if (this.#readers.isReading) return;
    await this.#readers.readAll();
    this.#release();
    this.onPause();
  }

  #release(): void {
    this.#workers.isHeld = false;
    this.#workers.wake();
  }
}
