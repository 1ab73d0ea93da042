import { currentRuntime, InvalidArgument, type Chance } from "@reactive-domain/core";
import { checkCount, checkFunction, checkOptions, checkPositive } from "./check-option.ts";
import { isConflict } from "./conflict.ts";
import { waitFor } from "./give-up.ts";
import type { Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { saysSo } from "./says-so.ts";
import { refuseUncalled } from "./step-factory.ts";

export interface RetryOnConflictOptions {
  /** How often the handler runs at most, the first time included. An integer from 1. Default 5. */
  readonly attempts?: number;
  /** The shortest wait before another attempt, in milliseconds, above 0. Default 5. */
  readonly minDelayMs?: number;
  /** The longest wait before another attempt, in milliseconds, from `minDelayMs`. Default 500. */
  readonly maxDelayMs?: number;
  /** Whether what was thrown is worth another attempt. It answers at once. What it throws becomes a process warning, and there is no other attempt. Default: conflicts are. */
  readonly retryIf?: (error: unknown) => boolean;
}

/**
 * Runs what is behind it again when another writer was first: when a store refused a write with `wrong-expected-version`, also as the cause of another error of
 * the toolkit or of an application. The handler has to load again what it decides on, and do nothing before it writes that must not be done twice. The n-th wait
 * is drawn from `minDelayMs` to `minDelayMs` · 2^n, at most `maxDelayMs` ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), so that those who met
 * once do not meet again. The last error is thrown as it is.
 *
 * Errors: `invalid-argument`; when called, `message-canceled` when the signal aborts during a wait.
 */
export function retryOnConflict(options: RetryOnConflictOptions = {}): Middleware {
  checkOptions("retryOnConflict", options);
  const { attempts = 5, minDelayMs = 5, maxDelayMs = 500, retryIf = isConflict } = options;
  checkCount("attempts of retryOnConflict", attempts);
  checkPositive("minDelayMs of retryOnConflict", minDelayMs);
  checkPositive("maxDelayMs of retryOnConflict", maxDelayMs);
  if (maxDelayMs < minDelayMs)
    throw new InvalidArgument("maxDelayMs of retryOnConflict", `at least minDelayMs (${minDelayMs})`, maxDelayMs);
  checkFunction("retryIf of retryOnConflict", retryIf);
  const { chance, scheduler } = currentRuntime();
  return named("retryOnConflict", async (message, context, next) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await next();
      } catch (error) {
        if (attempt >= attempts || !saysSo("retryIf of retryOnConflict", retryIf, error)) throw error;
      }
      const delayMs = spread(chance, minDelayMs, Math.min(maxDelayMs, minDelayMs * 2 ** attempt));
      await waitFor(message, context.signal, (done) => scheduler.after(delayMs, done));
    }
  });
}

refuseUncalled(retryOnConflict);

function spread(chance: Chance, fromMs: number, toMs: number): number {
  return fromMs + chance.next() * (toMs - fromMs);
}
