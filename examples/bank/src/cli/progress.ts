import type { Clock } from "@reactive-domain/foundation";

/** Where progress is written: standard error, as far as it matters here. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  /** How wide a terminal is, in characters. */
  readonly columns?: number;
  write(text: string): unknown;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 1_000;
const CLEAR_LINE = "\r\u{1b}[2K";

/** Tells how far a run is: one line that changes on a terminal, a plain line every second elsewhere. */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #clock: Clock;
  readonly #what: string;
  readonly #startMs: number;
  readonly #intervalMs: number;
  #toldMs: number;

  constructor(output: ProgressOutput, clock: Clock, what: string) {
    this.#output = output;
    this.#clock = clock;
    this.#what = what;
    this.#startMs = clock.monotonicMs();
    this.#toldMs = this.#startMs;
    this.#intervalMs = output.isTTY === true ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  }

  /** `fraction` of the work is done, from 0 to 1, where that is known. Writes only when it is time, with what `note` has to add. */
  update(done: number, fraction: number | undefined, note: () => string = () => ""): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#toldMs < this.#intervalMs) return;
    this.#toldMs = nowMs;
    const parts = [describeProgress(this.#what, done, nowMs - this.#startMs, fraction), note()];
    const text = parts.filter((part) => part !== "").join(", ");
    const { isTTY, columns } = this.#output;
    // A line that wraps could not be cleared.
    this.#output.write(isTTY === true ? `${CLEAR_LINE}${text.slice(0, columns === undefined ? undefined : columns - 1)}` : `${text}\n`);
  }

  /** Writes a line of its own. */
  tell(text: string): void {
    this.#output.write(`${this.#output.isTTY === true ? CLEAR_LINE : ""}${text}\n`);
  }

  finish(done: number): void {
    const elapsedMs = this.#clock.monotonicMs() - this.#startMs;
    this.tell(`${count(done)} ${this.#what} in ${(elapsedMs / 1000).toFixed(1)} s (${count(rate(done, elapsedMs))} a second)`);
  }
}

/** Like `12,000 commands, 24 %, 8,100 a second, 5 s left`. */
export function describeProgress(what: string, done: number, elapsedMs: number, fraction: number | undefined): string {
  const parts = [`${count(done)} ${what}`];
  if (fraction !== undefined) parts.push(`${Math.floor(fraction * 100)} %`);
  parts.push(`${count(rate(done, elapsedMs))} a second`);
  if (fraction !== undefined && fraction > 0) parts.push(`${Math.ceil((elapsedMs * (1 - fraction)) / fraction / 1000)} s left`);
  return parts.join(", ");
}

function rate(done: number, elapsedMs: number): number {
  return Math.round((done * 1000) / Math.max(elapsedMs, 1));
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
