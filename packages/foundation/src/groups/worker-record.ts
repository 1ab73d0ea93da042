import type { Clock } from "@reactive-domain/core";
import type { BusyWith } from "../listeners/feed-health.ts";
import type { ConsumerCounts } from "./consumer-health.ts";
import type { Outcome } from "./outcome.ts";
import type { Held } from "./held.ts";

/** What a consumer has done. */
export class WorkerRecord {
  readonly #clock: Clock;
  readonly #counts = { acknowledged: 0, skipped: 0, failed: 0, parked: 0, lost: 0 };
  #isLive = false;
  #lastMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get status(): "catching-up" | "live" {
    return this.#isLive ? "live" : "catching-up";
  }

  get counts(): ConsumerCounts {
    return { ...this.#counts };
  }

  get progressAgeMs(): number | null {
    return this.#lastMs === undefined ? null : this.#clock.monotonicMs() - this.#lastMs;
  }

  /** The store has answered a claim. */
  answered(isEmpty: boolean): void {
    if (!isEmpty) return;
    this.#isLive = true;
    this.#lastMs = this.#clock.monotonicMs();
  }

  /** A delivery is settled, or lost; tells whether its event is parked by it. */
  settled({ delivery }: Held, outcome: Outcome, settled: "settled" | "lost", maxAttempts: number): boolean {
    if (settled === "lost") {
      this.#counts.lost++;
      return false;
    }
    this.#lastMs = this.#clock.monotonicMs();
    if (outcome.kind === "handled") this.#counts.acknowledged++;
    if (outcome.kind === "skipped") this.#counts.skipped++;
    if (outcome.kind !== "failed" && outcome.kind !== "parked") return false;
    this.#counts.failed++;
    const isParked = outcome.kind === "parked" || delivery.attempt >= maxAttempts;
    if (isParked) this.#counts.parked++;
    return isParked;
  }

  /** The event that is longest with a handler. */
  busyWith(held: readonly Held[]): BusyWith | null {
    let longest: { readonly held: Held; readonly begunMs: number } | undefined;
    for (const one of held) {
      const { begunMs } = one;
      if (begunMs !== undefined && !one.isSettling && begunMs < (longest?.begunMs ?? Number.POSITIVE_INFINITY))
        longest = { held: one, begunMs };
    }
    if (longest === undefined) return null;
    const { type, stream, position } = longest.held.delivery.event;
    return { type, stream, position, forMs: this.#clock.monotonicMs() - longest.begunMs };
  }
}
