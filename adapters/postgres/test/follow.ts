import type { EventStore, ReadSource, RecordedEvent, SubscribeOptions } from "@reactive-domain/persistence";

/** The first events of a source, from its beginning, as a subscription delivers them. Rejects with what ends the subscription before. */
export async function follow(
  store: EventStore,
  source: ReadSource,
  count: number,
  options: SubscribeOptions = {},
): Promise<readonly RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  await using subscription = store.subscribe(source, options);
  for await (const message of subscription) {
    if (message.kind === "events") seen.push(...message.events);
    if (seen.length >= count) break;
  }
  return seen;
}
