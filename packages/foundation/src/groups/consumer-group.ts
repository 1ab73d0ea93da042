import { AlreadyClosed, currentRuntime, InvalidArgument, onAbort, unlessAborted, type Position } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { CallOptions, GroupStatus, ParkedDelivery, ParkedOptions, ReplayOptions } from "@reactive-domain/persistence";
import type { Reporting, WorkerReport } from "../health/worker-report.ts";
import { Deferred } from "../listeners/deferred.ts";
import { AlreadyStarted, NotCaughtUp, type WantedPlace } from "../listeners/errors.ts";
import { EventDispatcher } from "../listeners/event-dispatcher.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { shownBusy, type FeedLag } from "../listeners/feed-health.ts";
import { headOf } from "../listeners/lag.ts";
import { checkPosition, checkWait, type CatchUpOptions, type CatchUpWait } from "../listeners/waiters.ts";
import { within } from "../listeners/within.ts";
import type { ConsumerHealth } from "./consumer-health.ts";
import type { GroupEventContext } from "./group-event-context.ts";
import { groupLag, untilSettled } from "./group-lag.ts";
import type { CompleteRules } from "./group-options.ts";
import { GroupWorker } from "./group-worker.ts";
import { workerNotices } from "./worker-notices.ts";
import { workerSettings, type ConsumerOptions } from "./worker-options.ts";

/** Handles events of one class for a consumer group. A promise that it returns is awaited; any other value is passed over. */
export type GroupHandler<E extends EventBase> = (event: E, context: GroupEventContext) => unknown;

/**
 * One consumer of a group: the events of a feed go to one of the consumers that the group has at a time, in this process and in others, and come again until they are handled.
 * Those of one key come one after another in the order of the log, those of different keys beside each other.
 */
export interface ConsumerGroup extends AsyncDisposable, Reporting {
  readonly name: string;
  readonly feed: EventFeed;
  /**
   * Registers a handler for the events of a class and of those that derive from it, also of `EventBase`: all. Those of one event run one after another; where one throws, all of them
   * run again. Answers the group. Errors: `invalid-argument`.
   */
  on<E extends EventBase>(eventClass: MessageClass<E>, handler: GroupHandler<E>): this;
  /**
   * Joins the group, which is made where there is none, and begins to handle. Resolves when the store has answered.
   *
   * Errors: `group-exists` where the group was made with other options, `already-started`, `already-closed`, `ahead-of-log`, `not-supported`, `invalid-argument`, also where no handler is
   * registered; those of the store. One that was refused may be started again.
   */
  start(options?: ConsumerOptions): Promise<void>;
  /** Resolves when the consumer is closed; rejects with `consumer-stopped` when it ends otherwise. Nobody has to await it. */
  readonly stopped: Promise<void>;
  readonly health: ConsumerHealth;
  /** How far the whole group is. Errors: `group-not-found`, those of the store. */
  status(options?: CallOptions): Promise<GroupStatus>;
  /** What is committed, and neither settled nor parked by any consumer. Errors: those of {@link status}. */
  lag(options?: CallOptions): Promise<FeedLag>;
  /** Resolves when everything up to a position is settled or parked, by whichever consumer. Errors: `not-caught-up`, the signal's reason, what has stopped this consumer, those of {@link status}. */
  caughtUpTo(position: Position, options?: CatchUpOptions): Promise<void>;
  /** The same of all that was committed before the call. What waits behind a parked event is not settled. Errors: those of {@link caughtUpTo}. */
  caughtUp(options?: CatchUpOptions): Promise<void>;
  /** The events that were given up, in the order of the log. Errors: `group-not-found`, those of the store. */
  parked(options?: ParkedOptions): Promise<readonly ParkedDelivery[]>;
  /** Has parked events handled again, in order, with their attempts counted anew; tells how many. Errors: `group-not-found`, `invalid-argument`, those of the store. */
  replayParked(options?: ReplayOptions): Promise<number>;
  /**
   * Leaves the group: takes nothing new, gives back what was not begun, waits for the handlers at work (`graceMs`) and has the store hear what became of theirs, for 5 seconds more at
   * most. Not to be awaited by a handler. Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

/** Makes a consumer, which does nothing before it is started. Errors: `invalid-argument`. */
export function createConsumerGroup(name: string, feed: EventFeed, definition: CompleteRules): ConsumerGroup {
  if (typeof name !== "string" || name === "") throw new InvalidArgument("The name of a group", "text", name);
  return new StoreConsumerGroup(name, feed, definition);
}

class StoreConsumerGroup implements ConsumerGroup {
  readonly name: string;
  readonly feed: EventFeed;
  readonly #definition: CompleteRules;
  readonly #runtime = currentRuntime();
  readonly #dispatcher = new EventDispatcher<GroupEventContext>();
  readonly #stopped = new Deferred();
  readonly #closing = new AbortController();
  #worker: GroupWorker | undefined;
  #isStarting = false;
  #leaveSignal: () => void = () => undefined;

  constructor(name: string, feed: EventFeed, definition: CompleteRules) {
    this.name = name;
    this.feed = feed;
    this.#definition = definition;
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  get health(): ConsumerHealth {
    const status = this.#closing.signal.aborted ? "closed" : "not-started";
    return this.#worker?.health ?? { ...NOT_STARTED, status, group: this.name };
  }

  on<E extends EventBase>(eventClass: MessageClass<E>, handler: GroupHandler<E>): this {
    this.#dispatcher.register(eventClass, handler);
    return this;
  }

  async start(options: ConsumerOptions = {}): Promise<void> {
    const owner = this.#owner;
    if (this.#closing.signal.aborted) throw new AlreadyClosed(owner);
    if (this.#worker !== undefined || this.#isStarting) throw new AlreadyStarted(owner, "A consumer is started once: make another one.");
    const settings = workerSettings(options, this.#runtime);
    if (this.#dispatcher.eventClasses.length === 0)
      throw new InvalidArgument(`The number of handlers of group ${this.name}`, "at least 1", 0, "Register them before you start.");
    options.signal?.throwIfAborted();
    this.#isStarting = true;
    try {
      await unlessAborted(this.feed.store.groups.create(this.name, this.#definition), this.#closing.signal);
    } finally {
      this.#isStarting = false;
    }
    // It may have been closed while the answer was on its way.
    this.#closing.signal.throwIfAborted();
    const { name: group, feed } = this;
    const [dispatcher, rules, runtime] = [this.#dispatcher, this.#definition, this.#runtime];
    this.#worker = new GroupWorker({ group, feed, dispatcher, rules, settings, notices: workerNotices(options), runtime });
    this.#worker.stopped.promise.then(
      () => this.#stopped.resolve(),
      (error: Error) => this.#stopped.reject(error),
    );
    this.#worker.start();
    this.#leaveSignal = onAbort(options.signal, () => void this.close());
    if (options.signal?.aborted === true) await this.close();
  }

  status(options?: CallOptions): Promise<GroupStatus> {
    return this.feed.store.groups.status(this.name, options);
  }

  async lag(options: CallOptions = {}): Promise<FeedLag> {
    const status = await this.status(options);
    return { feed: this.feed.name, ...(await groupLag(this.feed.store, status, this.#runtime.clock, options)) };
  }

  async caughtUpTo(position: Position, options: CatchUpOptions = {}): Promise<void> {
    const wanted = checkPosition(position);
    await this.#caughtUp(wanted, checkWait(options), () => Promise.resolve(wanted));
  }

  async caughtUp(options: CatchUpOptions = {}): Promise<void> {
    await this.#caughtUp("the end of the log", checkWait(options), (signal) => headOf(this.feed.store, { signal }));
  }

  parked(options?: ParkedOptions): Promise<readonly ParkedDelivery[]> {
    return this.feed.store.groups.parked(this.name, options);
  }

  replayParked(options?: ReplayOptions): Promise<number> {
    return this.feed.store.groups.replayParked(this.name, options);
  }

  async report(options: CallOptions = {}): Promise<readonly WorkerReport[]> {
    const { status, progressAgeMs, failing, error } = this.health;
    const report = { kind: "group", name: this.name, feed: null, status, progressAgeMs, failing } as const;
    try {
      const { clock } = this.#runtime;
      const { settledUpTo: position, parked, ...known } = await this.status(options);
      const lag = await groupLag(this.feed.store, { settledUpTo: position, parked, ...known }, clock, options);
      return [{ ...report, position, lag, parked, error }];
    } catch (failure) {
      return [{ ...report, position: null, lag: null, parked: this.health.parked, error: error ?? (failure as Error) }];
    }
  }

  async close(): Promise<void> {
    this.#leaveSignal();
    this.#closing.abort(new AlreadyClosed(this.#owner));
    if (this.#worker === undefined) this.#stopped.resolve();
    await this.#worker?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #owner(): string {
    return `The consumer of group ${this.name}`;
  }

  async #caughtUp(place: WantedPlace, wait: CatchUpWait, target: (signal: AbortSignal) => Promise<Position | null>): Promise<void> {
    const runtime = this.#runtime;
    let [wanted, reached]: [WantedPlace, Position | null] = [place, null];
    const timedOut = (): Error => {
      const busyWith = shownBusy(this.health.busyWith);
      return new NotCaughtUp(`Group ${this.name}`, this.feed.name, { wanted, reached, timeoutMs: wait.timeoutMs, busyWith });
    };
    await within({ ...wait, runtime, timedOut }, async (signal) => {
      const upTo = await target(signal);
      if (upTo === null) return;
      wanted = upTo;
      const look = async (): Promise<Position | null> => {
        const { status, error } = this.health;
        if (status === "stopped") throw error as Error;
        ({ settledUpTo: reached } = await this.status({ signal }));
        return reached;
      };
      await untilSettled(upTo, look, { signal, runtime });
    });
  }
}

const NOT_STARTED: Omit<ConsumerHealth, "group" | "status"> = {
  consumer: null,
  inHand: 0,
  inFlight: 0,
  failing: 0,
  busyWith: null,
  acknowledged: 0,
  skipped: 0,
  failed: 0,
  parked: 0,
  lost: 0,
  progressAgeMs: null,
  interruptions: 0,
  error: undefined,
};
