import { warn, type Clock } from "@reactive-domain/core";
import { isThenable } from "../thenable.ts";
import type { HandlerFacts } from "./middleware.ts";

/** `closed`: all messages pass. `open`: none does. `half-open`: one does, as a trial. */
export type CircuitState = "closed" | "open" | "half-open";

/** What became of a handler's circuit. */
export interface CircuitChange {
  readonly handler: HandlerFacts;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** The failure that opened it; `undefined` for other changes. */
  readonly error: unknown;
}

interface CircuitSettings {
  readonly clock: Clock;
  readonly failures: number;
  readonly resetAfterMs: number;
  readonly onChange: ((change: CircuitChange) => unknown) | undefined;
}

/** Whether one handler is left alone. */
export class Circuit {
  readonly #handler: HandlerFacts;
  readonly #settings: CircuitSettings;
  #state: CircuitState = "closed";
  #failuresInRow = 0;
  /** When it was opened, or the trial began. */
  #sinceMs = 0;
  #era = 0;

  constructor(handler: HandlerFacts, settings: CircuitSettings) {
    this.#handler = handler;
    this.#settings = settings;
  }

  /** Grows with each change and each trial: what comes to its end in another era than it began in has nothing to say any more. */
  get era(): number {
    return this.#era;
  }

  /** Lets a message in and tells 0; or tells in how many milliseconds the next one is let in. */
  enter(): number {
    if (this.#state === "closed") return 0;
    const { clock, resetAfterMs } = this.#settings;
    const nowMs = clock.monotonicMs();
    const leftMs = this.#sinceMs + resetAfterMs - nowMs;
    if (leftMs > 0) return Math.ceil(leftMs);
    this.#sinceMs = nowMs;
    this.#change("half-open");
    return 0;
  }

  succeeded(era: number): void {
    if (era !== this.#era) return;
    this.#failuresInRow = 0;
    if (this.#state === "half-open") this.#change("closed");
  }

  failed(era: number, error: unknown): void {
    if (era !== this.#era) return;
    this.#failuresInRow++;
    if (this.#state === "closed" && this.#failuresInRow < this.#settings.failures) return;
    this.#sinceMs = this.#settings.clock.monotonicMs();
    this.#change("open", error);
  }

  /** It ended without a word on how the handler is: the next message is the trial. */
  unjudged(era: number): void {
    if (era === this.#era && this.#state === "half-open") this.#sinceMs = Number.NEGATIVE_INFINITY;
  }

  #change(to: CircuitState, error?: unknown): void {
    const from = this.#state;
    this.#state = to;
    this.#era++;
    // A trial that takes the place of another is no news.
    if (from !== to) this.#tell({ handler: this.#handler, from, to, error });
  }

  /** What an observer throws must not reach those who send. */
  #tell(change: CircuitChange): void {
    try {
      const told = this.#settings.onChange?.(change);
      if (isThenable(told)) told.then(undefined, warn);
    } catch (error) {
      warn(error);
    }
  }
}
