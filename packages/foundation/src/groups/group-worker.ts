import { AlreadyClosed, type Runtime } from "@reactive-domain/core";
import type { Delivery, GroupDefinition } from "@reactive-domain/persistence";
import { Deferred } from "../listeners/deferred.ts";
import type { EventDispatcher } from "../listeners/event-dispatcher.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { Claims } from "./claims.ts";
import type { ConsumerHealth } from "./consumer-health.ts";
import type { GroupEventContext } from "./group-event-context.ts";
import { DeliveryHandling, Leaving } from "./delivery-handling.ts";
import { ConsumerStopped } from "./errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Held } from "./held.ts";
import { InHand } from "./in-hand.ts";
import { keyOf } from "./key-of.ts";
import { Lanes, type Lane } from "./lanes.ts";
import { settlementOf, type Outcome } from "./outcome.ts";
import { Settlements, type Settled } from "./settlements.ts";
import { StoreCalls } from "./store-calls.ts";
import type { WorkerNotices } from "./worker-notices.ts";
import type { WorkerSettings } from "./worker-options.ts";
import { WorkerRecord } from "./worker-record.ts";

export interface WorkerParts {
  readonly group: string;
  readonly feed: EventFeed;
  readonly dispatcher: EventDispatcher<GroupEventContext>;
  readonly rules: Required<Pick<GroupDefinition, "orderBy" | "behindParked" | "maxAttempts">>;
  readonly settings: WorkerSettings;
  readonly notices: WorkerNotices;
  readonly runtime: Runtime;
}

/** How many deliveries that need no handler are settled in one write. */
const SKIPPED_TOGETHER = 100;
/** How long what was handled may take into the store behind the grace of a close, in milliseconds. */
const SETTLING_MS = 5_000;

/** One consumer at work: takes deliveries, handles them by key, settles them, and holds on to them meanwhile. */
export class GroupWorker {
  readonly stopped = new Deferred();
  readonly #parts: WorkerParts;
  readonly #closing = new AbortController();
  readonly #givenUp = new AbortController();
  readonly #inHand = new InHand();
  readonly #record: WorkerRecord;
  readonly #calls: StoreCalls;
  readonly #handling: DeliveryHandling;
  readonly #settlements: Settlements;
  readonly #heartbeat: Heartbeat;
  readonly #lanes: Lanes;
  #status: "working" | "stopped" | "closed" = "working";
  #error: Error | undefined;
  #claiming: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(parts: WorkerParts) {
    const { group, feed, dispatcher, settings, runtime, notices } = parts;
    const { store } = feed;
    const { consumer, handlerTimeoutMs, leaseMs, upTo } = settings;
    const onFault = (error: unknown): void => this.#stop(error);
    this.#parts = parts;
    this.#record = new WorkerRecord(runtime.clock);
    this.#calls = new StoreCalls(runtime, this.#givenUp.signal, notices.interrupted);
    this.#handling = new DeliveryHandling({ group, consumer, feed, dispatcher, handlerTimeoutMs, runtime });
    this.#settlements = new Settlements({ group, store, calls: this.#calls, upTo: upTo || SKIPPED_TOGETHER, onFault });
    this.#heartbeat = new Heartbeat({
      group,
      groups: store.groups,
      inHand: this.#inHand,
      leaseMs,
      runtime,
      givenUp: this.#givenUp.signal,
      onFailure: (error) => this.#calls.isMendable(error) || this.#stop(error),
    });
    this.#lanes = new Lanes(settings.maxInFlight, (held, lane) => this.#work(held, lane));
  }

  get health(): ConsumerHealth {
    const { group, settings } = this.#parts;
    const { error, interruptions } = this.#calls;
    const working = error === undefined ? this.#record.status : "interrupted";
    const held = this.#inHand.all;
    return {
      group,
      consumer: settings.consumer,
      status: this.#status === "working" ? working : this.#status,
      inHand: held.length,
      inFlight: this.#lanes.running,
      failing: held.filter(({ delivery }) => delivery.attempt > 1).length,
      busyWith: this.#record.busyWith(held),
      ...this.#record.counts,
      progressAgeMs: this.#record.progressAgeMs,
      interruptions,
      error: this.#error ?? error,
    };
  }

  /** Begins to take and to handle. */
  start(): void {
    const { group, feed, settings, runtime } = this.#parts;
    const claims = new Claims({
      group,
      store: feed.store,
      calls: this.#calls,
      settings,
      inHand: this.#inHand,
      runtime,
      closing: this.#closing.signal,
      onDelivery: (delivery) => this.#take(delivery),
      onAnswer: (isEmpty) => this.#record.answered(isEmpty),
    });
    this.#heartbeat.start();
    this.#claiming = this.#claimWith(claims);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #claimWith(claims: Claims): Promise<void> {
    try {
      await claims.run();
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#stop(error);
    }
  }

  #take(delivery: Delivery): void {
    const { runtime, settings, rules } = this.#parts;
    const held = new Held(delivery, keyOf(delivery.event, rules.orderBy), runtime.clock.monotonicMs() + settings.leaseMs);
    this.#inHand.add(held);
    this.#lanes.add(held);
  }

  async #work(held: Held, lane: Lane): Promise<void> {
    if (this.#status === "stopped") return this.#inHand.remove(held);
    const outcome = await this.#outcomeOf(held);
    held.isSettling = true;
    const settled = await this.#conclude(held, outcome, lane);
    if (typeof settled !== "object") return;
    // What was to be written with it was refused: nothing was, and the attempt has failed.
    await this.#conclude(held, { kind: "failed", error: settled.refused }, lane);
  }

  async #outcomeOf(held: Held): Promise<Outcome> {
    if (held.isLost) return { kind: "lost" };
    if (this.#closing.signal.aborted) return { kind: "released" };
    return this.#handling.handle(held);
  }

  /** Brings an outcome into the store; waits for that where the next of the key has to. */
  async #conclude(held: Held, outcome: Outcome, lane: Lane): Promise<Settled | undefined> {
    const { upTo } = this.#parts.settings;
    if (outcome.kind === "lost") {
      this.#done(held, outcome, "lost");
      return undefined;
    }
    const settlement = settlementOf(held.delivery, outcome);
    const items = outcome.kind === "handled" ? outcome.items : [];
    const isOver = outcome.kind === "handled" || outcome.kind === "skipped";
    if (!isOver && !this.#isPassedBy(held, outcome)) for (const behind of lane.takeAll()) this.#inHand.remove(behind);
    if (items.length === 0 && (upTo > 0 || outcome.kind === "skipped" || outcome.kind === "released")) {
      const settling = this.#settlements.together(settlement, held.key).then((settled) => this.#done(held, outcome, settled));
      lane.settling = settling;
      return isOver ? undefined : settling;
    }
    await lane.settling;
    return this.#done(held, outcome, await this.#settlements.alone(settlement, items));
  }

  /** Gives back what was not begun. */
  async #release(held: Held): Promise<void> {
    held.isSettling = true;
    const released = { kind: "released" } as const;
    this.#done(held, released, await this.#settlements.together(settlementOf(held.delivery, released), held.key));
  }

  /** Whether those behind it that share its key stay in hand. */
  #isPassedBy({ delivery }: Held, outcome: Outcome): boolean {
    const { behindParked, maxAttempts } = this.#parts.rules;
    const isParked = outcome.kind === "parked" || (outcome.kind === "failed" && delivery.attempt >= maxAttempts);
    return isParked && behindParked === "pass";
  }

  #done(held: Held, outcome: Outcome, settled: Settled): Settled {
    if (typeof settled === "object") return settled;
    this.#inHand.remove(held);
    const isParked = this.#record.settled(held, outcome, settled, this.#parts.rules.maxAttempts);
    const { event, attempt } = held.delivery;
    if (isParked && "error" in outcome) this.#parts.notices.parked({ event, error: outcome.error, attempts: attempt });
    return settled;
  }

  /** Ends for good. */
  #stop(cause: unknown): void {
    if (this.#status !== "working") return;
    const { group, settings, notices } = this.#parts;
    const error = new ConsumerStopped(group, settings.consumer, cause);
    this.#status = "stopped";
    this.#error = error;
    this.#leave(error);
    this.stopped.reject(error);
    notices.faulted(error);
  }

  /** Lets go of everything at once. */
  #leave(reason: Error): void {
    this.#closing.abort(reason);
    this.#givenUp.abort(reason);
    this.#heartbeat.stop();
    for (const held of this.#inHand.all) held.end(reason);
  }

  async #close(): Promise<void> {
    if (this.#status === "stopped") return;
    const { group, settings, runtime } = this.#parts;
    const reason = new Leaving(`Consumer ${settings.consumer} of group ${group} is closed.`);
    this.#closing.abort(reason);
    const cancelGrace = runtime.scheduler.after(settings.graceMs, () => this.#inHand.all.forEach((held) => held.end(reason)));
    const cancelSettling = runtime.scheduler.after(settings.graceMs + SETTLING_MS, () => this.#givenUp.abort(reason));
    try {
      await this.#claiming;
      for (const held of this.#lanes.takeWaiting()) void this.#release(held);
      await this.#lanes.idle();
      await this.#settlements.idle();
    } finally {
      cancelGrace();
      cancelSettling();
      if (this.#status === "working") this.#status = "closed";
      this.#leave(new AlreadyClosed(`Consumer ${settings.consumer} of group ${group}`));
      this.stopped.resolve();
    }
  }
}
