import type { EventStore, ReadOptions, ReadSource, RecordedEvent } from "@reactive-domain/persistence";

/** All events of a read. */
export async function collect(store: EventStore, source: ReadSource, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.read(source, options)) events.push(event);
  return events;
}
