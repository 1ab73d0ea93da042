import { position, version, type Position } from "@reactive-domain/core";
import { after, at, type EventStore, type GroupDefinition } from "@reactive-domain/persistence";
import { viewOfSubscription, WHOLE_LOG } from "./kept-subscription.ts";
import type { SubscriptionKey } from "./subscriptions.ts";
import type { SubscriptionStart } from "./subscription-terms.ts";

/** Makes the consumer group of a subscription; tells up to where it has nothing to do. */
export async function makeStoreGroup(
  store: EventStore,
  name: string,
  { key, start }: { readonly key: SubscriptionKey; readonly start: SubscriptionStart },
): Promise<Position | null> {
  const { source, filter } = viewOfSubscription(key);
  const definition: GroupDefinition = {
    source,
    ...(filter !== undefined && { filter }),
    from: await placeInLog(store, key, start),
    // Events overtake each other, and the server says when an event is given up: settings can be changed, a definition cannot.
    orderBy: "none",
    behindParked: "pass",
    maxAttempts: 1_000_000_000,
    retryDelayMs: 0,
    maxRetryDelayMs: 0,
    maxUnsettled: 10_000,
    // A server holds many for its consumers: what kills it is hardly ever one event.
    afterLoss: "together",
  };
  await store.groups.create(name, definition);
  return (await store.groups.status(name)).settledUpTo;
}

/** Where a subscription begins in the log. What is not written yet begins at its end; that it comes too early is seen when it comes. */
async function placeInLog(
  store: EventStore,
  key: SubscriptionKey,
  start: SubscriptionStart,
): Promise<NonNullable<GroupDefinition["from"]>> {
  if (start === "start" || start === "end") return start;
  const { revision, source } = viewOfSubscription(key);
  if (key.stream !== WHOLE_LOG && revision === "version" && "stream" in source) {
    for await (const event of store.read(source, { from: at(version(start)), limit: 1 })) return before(event.position);
    return "end";
  }
  for await (const event of store.read({ all: true }, { from: at(position(start)), limit: 1 })) return before(event.position);
  return "end";
}

function before(place: Position): NonNullable<GroupDefinition["from"]> {
  return place === 0 ? "start" : after(position(place - 1));
}
