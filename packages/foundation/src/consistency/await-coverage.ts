import type { Position } from "@reactive-domain/core";
import { AheadOfLog, type EventStore } from "@reactive-domain/persistence";
import type { CatchUpWait } from "../listeners/waiters.ts";
import type { ReadModelBase } from "../read-models/read-model-base.ts";
import { demandsOf, type Demand } from "./demands.ts";
import { lookUpLog } from "./log-of.ts";
import { parseToken } from "./token.ts";

/**
 * Resolves when the feeds of some read models are handled as far as a token demands.
 *
 * Errors: `invalid-token`, `foreign-token`; `ahead-of-log` for a position that the log has not; `not-caught-up` after the time; the signal's reason; what has stopped a
 * feed; those of the store.
 */
export async function awaitCoverage(models: readonly ReadModelBase[], token: unknown, wait: CatchUpWait): Promise<void> {
  const coverage = parseToken(token);
  if (coverage.size === 0) return;
  const demands = await demandsOf(models, coverage);
  const behind = demands.filter(({ listener, position }) => (listener.handledUpTo ?? -1) < position);
  if (behind.length > 0) await catchUp(behind, wait);
}

/** Waits, and looks meanwhile whether there is anything to wait for. */
async function catchUp(behind: readonly Demand[], { timeoutMs, signal }: CatchUpWait): Promise<void> {
  const ending = new AbortController();
  const either = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  const reached = Promise.all(behind.map(({ listener, position }) => listener.caughtUpTo(position, { timeoutMs, signal: either })));
  try {
    await Promise.race([reached, refuseAhead(behind).then(() => reached)]);
  } finally {
    ending.abort();
  }
}

/** A token may be older than a log that has lost its end, or be made up: the position that it names is not there. Errors: `ahead-of-log`. */
async function refuseAhead(behind: readonly Demand[]): Promise<void> {
  const wanted = new Map<EventStore, Position>();
  for (const { listener, position } of behind) wanted.set(listener.feed.store, position);
  const checks = Array.from(wanted, async ([store, position]) => {
    const { head } = await lookUpLog(store);
    if (head === null || head < position) throw new AheadOfLog("The token to read after", position, head);
  });
  await Promise.all(checks);
}
