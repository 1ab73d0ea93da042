import type { Position, Runtime } from "@reactive-domain/core";
import type { FeedListener } from "./feed-listener.ts";
import { headOf } from "./lag.ts";
import type { CatchUpWait } from "./waiters.ts";
import { within } from "./within.ts";

/**
 * Resolves when a feed is handled up to where the log ends now. The look at the log is under the time and the signal, too. Errors: `not-caught-up`, the signal's reason, what
 * has stopped the feed, those of the store.
 */
export async function catchUpWithLog(listener: FeedListener, wait: CatchUpWait, runtime: Runtime): Promise<void> {
  let head: Position | null = null;
  const timedOut = (): Error => listener.notCaughtUp(head ?? "the end of the log", wait);
  await within({ ...wait, runtime, timedOut }, async (signal) => {
    head = await headOf(listener.feed.store, { signal });
    if (head !== null) await listener.caughtUpTo(head, { ...wait, signal });
  });
}
