import type { Position } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { FeedListener } from "../listeners/feed-listener.ts";
import { listenersOf } from "../read-models/model-listeners.ts";
import type { ReadModelBase } from "../read-models/read-model-base.ts";
import { ForeignToken } from "./errors.ts";
import { lookUpLogTogether, logKnownOf, type LogIdentity } from "./log-of.ts";
import type { Coverage } from "./token.ts";

/** A feed that is to be handled up to a position. */
export interface Demand {
  readonly listener: FeedListener;
  readonly position: Position;
}

/**
 * What a coverage demands of the feeds of some read models. Logs of which they read nothing are passed over, but not all of them.
 *
 * Errors: `foreign-token`, the signal's reason, those of the store.
 */
export async function demandsOf(models: readonly ReadModelBase[], coverage: Coverage, signal: AbortSignal): Promise<readonly Demand[]> {
  const listeners = models.flatMap((model) => listenersOf(model));
  const lookUp: Look = (store) => lookUpLogTogether(store, signal);
  const recall: Look = async (store) => logKnownOf(store) ?? lookUp(store);
  // What is known of a store may be old: it may have become a copy since.
  for (const look of [recall, lookUp]) {
    const demands = await demandsBy(look, listeners, coverage);
    if (demands.length > 0) return demands;
  }
  const logs = await Promise.all(listeners.map(async ({ feed }) => (await recall(feed.store)).log));
  throw new ForeignToken(
    models.map((model) => model.constructor.name),
    [...new Set(logs)],
  );
}

type Look = (store: EventStore) => Promise<LogIdentity>;

async function demandsBy(look: Look, listeners: readonly FeedListener[], coverage: Coverage): Promise<readonly Demand[]> {
  const found = await Promise.all(
    listeners.map(async (listener) => {
      const { mark } = await look(listener.feed.store);
      const position = coverage.get(mark);
      return position === undefined ? [] : [{ listener, position }];
    }),
  );
  return found.flat();
}
