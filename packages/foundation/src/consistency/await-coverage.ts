import type { Position, Runtime } from "@reactive-domain/core";
import { AheadOfLog, type EventStore } from "@reactive-domain/persistence";
import type { FeedListener } from "../listeners/feed-listener.ts";
import type { CatchUpWait } from "../listeners/waiters.ts";
import { within } from "../listeners/within.ts";
import { listenersOf } from "../read-models/model-listeners.ts";
import type { ReadModelBase } from "../read-models/read-model-base.ts";
import { demandsOf, type Demand } from "./demands.ts";
import { lookUpLogTogether } from "./log-of.ts";
import { parseToken } from "./token.ts";

/**
 * Resolves when the feeds of some read models, which were started, are handled as far as a token demands. Nobody is put among the waiters before the log was asked whether it has what is demanded.
 *
 * Errors: `invalid-token`, `foreign-token`; `ahead-of-log` for a position that the log has not; `not-caught-up` after the time, which the looks at the log are under, too; the
 * signal's reason; what has stopped a feed; those of the store.
 */
export async function awaitCoverage(models: readonly ReadModelBase[], token: unknown, wait: CatchUpWait, runtime: Runtime): Promise<void> {
  const coverage = parseToken(token);
  if (coverage.size === 0) return;
  let demands: readonly Demand[] = [];
  const timedOut = (): Error => lateError(models, demands, wait);
  await within({ ...wait, runtime, timedOut }, async (signal) => {
    demands = await demandsOf(models, coverage, signal);
    const behind = demands.filter((demand) => isBehind(demand));
    await refuseAhead(behind, signal);
    await Promise.all(behind.map(({ listener, position }) => listener.caughtUpTo(position, { ...wait, signal })));
  });
}

function isBehind({ listener, position }: Demand): boolean {
  return (listener.handledUpTo ?? -1) < position;
}

/** A token may be older than a log that has lost its end, or be made up: the position that it names is not there. Errors: `ahead-of-log`. */
async function refuseAhead(behind: readonly Demand[], signal: AbortSignal): Promise<void> {
  const wanted = new Map<EventStore, Position>();
  for (const { listener, position } of behind) wanted.set(listener.feed.store, position);
  const checks = Array.from(wanted, async ([store, position]) => {
    const { head } = await lookUpLogTogether(store, signal);
    if (head === null || head < position) throw new AheadOfLog("The token to read after", position, head);
  });
  await Promise.all(checks);
}

/** Names the feed that is late; or the first one, where the store has not told in time which log it holds. */
function lateError(models: readonly ReadModelBase[], demands: readonly Demand[], wait: CatchUpWait): Error {
  const late = demands.find((demand) => isBehind(demand));
  if (late !== undefined) return late.listener.notCaughtUp(late.position, wait);
  const [first] = models.flatMap((model) => listenersOf(model));
  return (first as FeedListener).notCaughtUp("the end of the log", wait);
}
