import { checkKeys, EitherSignal, InvalidArgument, ReactiveDomainError, sleep, type Runtime } from "@reactive-domain/core";
import { createBackoff, type Backoff } from "@reactive-domain/messaging";

/** How a feed goes on that the store has interrupted. */
export interface ResumeOptions {
  /** How often in a row it is tried before the feed is given up, from 1; or `Infinity`. Default `Infinity`. */
  readonly attempts?: number;
  /** The shortest wait before an attempt, in milliseconds, above 0. Default 50. */
  readonly minDelayMs?: number;
  /** The longest wait before an attempt, in milliseconds. Default 10,000. */
  readonly maxDelayMs?: number;
}

/** The waits before attempts, by the options or never more than none. Errors: `invalid-argument`. */
export function resumption(options: ResumeOptions | false | undefined): Backoff {
  if (options === false) return { attempts: 0, delayMs: () => 0 };
  if (options !== undefined) checkKeys("options to resume", options, ["attempts", "minDelayMs", "maxDelayMs"]);
  const { attempts = Number.POSITIVE_INFINITY, minDelayMs = 50, maxDelayMs = 10_000 } = options ?? {};
  if (attempts !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(attempts) && attempts >= 1))
    throw new InvalidArgument("resume.attempts", "an integer from 1, or Infinity", attempts);
  const backoff = createBackoff("resume", { minDelayMs, maxDelayMs });
  return { attempts, delayMs: (attempt) => backoff.delayMs(attempt) };
}

/** The attempts to go on after interruptions. */
export class Resumption {
  readonly #backoff: Backoff;
  /** Attempts in a row. */
  #attempt = 0;
  #interruptions = 0;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** How often it was interrupted in all. */
  get interruptions(): number {
    return this.#interruptions;
  }

  /** Something went well. */
  reset(): void {
    this.#attempt = 0;
  }

  /** Whether to try again after an error. */
  allows(error: unknown): boolean {
    return mayPass(error) && this.#attempt < this.#backoff.attempts;
  }

  /** Waits until it is time for the next attempt. Errors: the reasons of the signals. */
  async pause(signals: readonly (AbortSignal | undefined)[], runtime: Runtime): Promise<void> {
    this.#interruptions++;
    using either = new EitherSignal(...signals);
    await sleep(this.#backoff.delayMs(++this.#attempt), { signal: either.signal, runtime });
  }
}

/** Whether it may go well when it is tried again: what no part of the toolkit has judged may. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ReactiveDomainError) || error.retryable;
}
