import type { Clock } from "@reactive-domain/core";

const MS_PER_SECOND = 1_000;
const MAX_TIMES = 1_000;

/** How many messages were sent, in all and since somebody asked last, and how long they took. */
export class Pace {
  readonly #clock: Clock;
  readonly #keepsTimes: boolean;
  #total = 0;
  #askedTotal = 0;
  #askedMs: number;
  /** The last times that messages took, in milliseconds. */
  readonly #times: number[] = [];
  #nextTime = 0;

  constructor(clock: Clock, keepsTimes: boolean) {
    this.#clock = clock;
    this.#keepsTimes = keepsTimes;
    this.#askedMs = clock.monotonicMs();
  }

  count(messages: number): void {
    this.#total += messages;
  }

  took(ms: number): void {
    if (!this.#keepsTimes) return;
    this.#times[this.#nextTime] = Math.round(ms);
    this.#nextTime = (this.#nextTime + 1) % MAX_TIMES;
  }

  measure(): { readonly total: number; readonly sinceLast: number; readonly perSecond: number } {
    const nowMs = this.#clock.monotonicMs();
    const sinceLast = this.#total - this.#askedTotal;
    const perSecond = Math.round((sinceLast * MS_PER_SECOND) / Math.max(1, nowMs - this.#askedMs));
    this.#askedTotal = this.#total;
    this.#askedMs = nowMs;
    return { total: this.#total, sinceLast, perSecond };
  }

  /** The times by the names that clients know; none where they are not kept, or nothing was answered. */
  times(): readonly { readonly key: string; readonly value: string }[] {
    const sorted = this.#times.toSorted((one, other) => one - other);
    if (sorted.length === 0) return [];
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
    const measured: Readonly<Record<string, number>> = {
      Mean: Math.round(mean),
      Median: at(0.5),
      Fastest: at(0),
      "Quintile 1": at(0.2),
      "Quintile 2": at(0.4),
      "Quintile 3": at(0.6),
      "Quintile 4": at(0.8),
      "Quintile 5": at(1),
      "90%": at(0.9),
      "95%": at(0.95),
      "99%": at(0.99),
      "99.5%": at(0.995),
      "99.9%": at(0.999),
      Highest: at(1),
    };
    return Object.entries(measured).map(([key, value]) => ({ key, value: String(value) }));
  }
}
