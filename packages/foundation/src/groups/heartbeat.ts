import { unlessAborted, type Runtime } from "@reactive-domain/core";
import { DeliveryLost, type ConsumerGroups } from "@reactive-domain/persistence";
import type { Held } from "./held.ts";
import type { InHand } from "./in-hand.ts";

export interface HeartbeatParts {
  readonly group: string;
  readonly groups: ConsumerGroups;
  readonly inHand: InHand;
  readonly leaseMs: number;
  readonly runtime: Runtime;
  /** Ends what is under way. */
  readonly givenUp: AbortSignal;
  /** Told what the store answers, unless it tells of a delivery that is lost. */
  readonly onFailure: (error: unknown) => void;
}

/** How often in the time of a lease it is extended. */
const BEATS = 3;

/** Holds on to what a consumer has in hand, and tells what is lost. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #cancel: (() => void) | undefined;
  #isExtending = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  start(): void {
    const { runtime, leaseMs } = this.#parts;
    this.#cancel = runtime.scheduler.after(leaseMs / BEATS, () => {
      this.start();
      this.#beat();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #beat(): void {
    const { inHand, runtime } = this.#parts;
    const nowMs = runtime.clock.monotonicMs();
    // The store may still have it under this token, and is asked when it is settled; but nobody keeps others from it.
    for (const held of inHand.all) if (held.untilMs <= nowMs) held.end(lostBy(held));
    if (!this.#isExtending && inHand.size > 0) void this.#extend();
  }

  async #extend(): Promise<void> {
    this.#isExtending = true;
    try {
      const passedOver = new Set<Held>();
      let held = this.#worthHolding(passedOver);
      while (held.length > 0 && !(await this.#extendAll(held, passedOver))) held = this.#worthHolding(passedOver);
    } catch (error) {
      if (!this.#parts.givenUp.aborted) this.#parts.onFailure(error);
    } finally {
      this.#isExtending = false;
    }
  }

  #worthHolding(passedOver: ReadonlySet<Held>): readonly Held[] {
    return this.#parts.inHand.all.filter((held) => !held.isLost && !passedOver.has(held));
  }

  /** Whether nothing of it was lost: all are extended, or none. */
  async #extendAll(held: readonly Held[], passedOver: Set<Held>): Promise<boolean> {
    const { group, groups, leaseMs, runtime, givenUp } = this.#parts;
    const refs = held.map(({ delivery: { position, fence } }) => ({ position, fence }));
    const askedMs = runtime.clock.monotonicMs();
    try {
      await unlessAborted(groups.extend(group, refs, { leaseMs }), givenUp);
    } catch (error) {
      if (!(error instanceof DeliveryLost)) throw error;
      const lost = held.find(({ delivery }) => delivery.position === error.details["position"]);
      if (lost === undefined) return true;
      passedOver.add(lost);
      // It may have been settled while the store was asked.
      if (!lost.isSettling) lost.lose(error);
      return false;
    }
    for (const one of held) one.untilMs = askedMs + leaseMs;
    return true;
  }
}

function lostBy({ delivery: { group, position, fence } }: Held): DeliveryLost {
  return new DeliveryLost(group, position, fence);
}
