import { AlreadyClosed, InvalidArgument } from "@reactive-domain/core";
import type { FeedHealth } from "../listeners/feed-health.ts";
import type { CatchUpOptions } from "../listeners/waiters.ts";

/** A read model or a listener, as far as it can be waited for. */
export interface CatchesUp {
  readonly health: FeedHealth | readonly FeedHealth[];
  caughtUp(options?: CatchUpOptions): Promise<void>;
}

/**
 * Resolves when several read models and listeners have handled everything that was committed before the call. What is closed, before or meanwhile, holds nobody back.
 *
 * Errors: `not-caught-up` after `timeoutMs`, which names who lags, on which feed, and what a handler was at work on; what has stopped a feed; the signal's reason; those of
 * the store.
 *
 * @example
 * await caughtUp([balances, statistics], { timeoutMs: 2_000 });
 */
export async function caughtUp(models: readonly CatchesUp[], options: CatchUpOptions = {}): Promise<void> {
  if (!Array.isArray(models)) throw new InvalidArgument("models", "a list of read models and listeners", models);
  await Promise.all((models as readonly CatchesUp[]).map((model) => unlessClosed(model, options)));
}

async function unlessClosed(model: CatchesUp, options: CatchUpOptions): Promise<void> {
  try {
    await model.caughtUp(options);
  } catch (error) {
    if (!(error instanceof AlreadyClosed && isClosed(model))) throw error;
  }
}

function isClosed({ health }: CatchesUp): boolean {
  return [health].flat().every(({ status }) => status === "closed");
}
