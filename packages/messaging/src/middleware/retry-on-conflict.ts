import { currentRuntime } from "@reactive-domain/core";
import { createBackoff, type BackoffOptions } from "./backoff.ts";
import { checkFunction, checkOptions } from "./check-option.ts";
import { isConflict } from "./conflict.ts";
import { waitFor } from "./give-up.ts";
import type { Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { saysSo } from "./says-so.ts";
import { refuseUncalled } from "./step-factory.ts";

export interface RetryOnConflictOptions extends BackoffOptions {
  /** Whether what was thrown is worth another attempt. It answers at once. What it throws becomes a process warning, and there is no other attempt. Default: conflicts are. */
  readonly retryIf?: (error: unknown) => boolean;
}

/**
 * Runs what is behind it again when another writer was first: when a store refused a write with `wrong-expected-version`, also as the cause of another error of
 * the toolkit or of an application. The handler has to load again what it decides on, and do nothing before it writes that must not be done twice. Waits
 * grow and are drawn by lot; the last error is thrown as it is.
 *
 * Errors: `invalid-argument`; when called, `message-canceled` when the signal aborts during a wait.
 */
export function retryOnConflict(options: RetryOnConflictOptions = {}): Middleware {
  checkOptions("retryOnConflict", options);
  const { retryIf = isConflict } = options;
  const backoff = createBackoff("retryOnConflict", options);
  checkFunction("retryIf of retryOnConflict", retryIf);
  const { scheduler } = currentRuntime();
  return named("retryOnConflict", async (message, context, next) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await next();
      } catch (error) {
        if (attempt >= backoff.attempts || !saysSo("retryIf of retryOnConflict", retryIf, error)) throw error;
      }
      const delayMs = backoff.delayMs(attempt);
      await waitFor(message, context.signal, (done) => scheduler.after(delayMs, done));
    }
  });
}

refuseUncalled(retryOnConflict);
