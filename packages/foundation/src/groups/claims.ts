import { EitherSignal, type Runtime } from "@reactive-domain/core";
import type { Delivery, EventStore } from "@reactive-domain/persistence";
import type { InHand } from "./in-hand.ts";
import type { StoreCalls } from "./store-calls.ts";
import type { WorkerSettings } from "./worker-options.ts";

export interface ClaimParts {
  readonly group: string;
  readonly store: EventStore;
  readonly calls: StoreCalls;
  readonly settings: WorkerSettings;
  readonly inHand: InHand;
  readonly runtime: Runtime;
  /** Ends the taking. */
  readonly closing: AbortSignal;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Told whether there was anything to take. */
  readonly onAnswer: (isEmpty: boolean) => void;
}

/** How long it waits to come to rest, of the time of a lease. */
const REST = 0.1;
const MAX_PATIENCE = 16;

/** Takes events as they can be handled soon, and never more. */
export class Claims {
  readonly #parts: ClaimParts;
  /** How long and how seldom it tries to come to rest. */
  #patience = 1;
  #restsAtMs: number;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
    this.#restsAtMs = parts.runtime.clock.monotonicMs() + parts.settings.leaseMs;
  }

  /** Goes on until the signal to close. Errors: that of the store which waiting does not mend. */
  async run(): Promise<void> {
    const { closing, settings, inHand } = this.#parts;
    const { batch, maxInFlight, upTo } = settings;
    const capacity = maxInFlight + batch + upTo;
    let isIdle = false;
    while (!closing.aborted) {
      await this.#room(capacity - Math.ceil(batch / 2));
      const deliveries = await this.#claim(Math.min(batch, capacity - inHand.size), isIdle ? settings.leaseMs : 0);
      isIdle = deliveries.length === 0;
      this.#parts.onAnswer(isIdle);
      for (const delivery of deliveries) this.#parts.onDelivery(delivery);
    }
  }

  #claim(maxEvents: number, waitMs: number): Promise<readonly Delivery[]> {
    const { store, group, settings, calls, closing } = this.#parts;
    const { consumer, leaseMs } = settings;
    return calls.untilAnswered(() => store.groups.claim(group, { consumer, leaseMs, maxEvents, waitMs, signal: closing }), closing);
  }

  async #room(size: number): Promise<void> {
    const { inHand, closing, runtime } = this.#parts;
    if (runtime.clock.monotonicMs() >= this.#restsAtMs) await this.#rest();
    await inHand.untilAtMost(size, closing);
  }

  /**
   * Comes to rest, for a short while at most, where somebody waits. What was with a consumer that went away is given only to one that holds nothing, which one that always
   * has something would never be. Where it takes too long, it is tried less often and for longer.
   */
  async #rest(): Promise<void> {
    const { settings, runtime, closing, inHand } = this.#parts;
    const isAtRest = inHand.size === 0 || !(await this.#somebodyWaits()) || (await this.#empty(settings.leaseMs * REST * this.#patience));
    this.#patience = isAtRest ? 1 : Math.min(MAX_PATIENCE, this.#patience * 2);
    this.#restsAtMs = runtime.clock.monotonicMs() + settings.leaseMs * this.#patience;
    closing.throwIfAborted();
  }

  async #somebodyWaits(): Promise<boolean> {
    const { store, group, calls, closing } = this.#parts;
    const { waiting } = await calls.untilAnswered(() => store.groups.status(group, { signal: closing }), closing);
    return waiting > 0;
  }

  /** Whether nothing is in hand in time. */
  async #empty(withinMs: number): Promise<boolean> {
    const { inHand, closing, runtime } = this.#parts;
    const late = new AbortController();
    const cancel = runtime.scheduler.after(withinMs, () => late.abort());
    using either = new EitherSignal(closing, late.signal);
    try {
      await inHand.untilAtMost(0, either.signal);
    } catch {
      // It is tried again later.
    } finally {
      cancel();
    }
    return inHand.size === 0;
  }
}
