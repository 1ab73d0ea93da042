import type { EventStore, ReadOptions, ReadSource, RecordedEvent } from "@reactive-domain/persistence";

/** All events of a read. */
export async function collect(store: EventStore, source: ReadSource, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.read(source, options)) events.push(event);
  return events;
}

/** An event's fields, decoded: two stores' events can be compared. */
export function plain({ position, stream, version, type, schemaVersion, time, id, contentType, metadata, data }: RecordedEvent): object {
  return { position, stream, version, type, schemaVersion, time, id, contentType, metadata, data };
}
