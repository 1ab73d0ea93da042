import type { Runtime } from "@reactive-domain/core";
import type { FeedListener } from "../listeners/feed-listener.ts";
import type { CatchUpWait } from "../listeners/waiters.ts";
import { within } from "../listeners/within.ts";

/** Resolves when feeds have handled their history. Errors: `not-caught-up` after the time, the signal's reason, what has stopped a feed before. */
export async function awaitHistory(listeners: readonly FeedListener[], wait: CatchUpWait, runtime: Runtime): Promise<void> {
  const behind = listeners.filter(({ hasBeenLive }) => !hasBeenLive);
  const [first] = behind;
  if (first === undefined) return;
  const timedOut = (): Error => (behind.find(({ hasBeenLive }) => !hasBeenLive) ?? first).notCaughtUp("the end of its history", wait);
  await within({ ...wait, runtime, timedOut }, () => Promise.all(behind.map(({ live }) => live.promise)));
}
