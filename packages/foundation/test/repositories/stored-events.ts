import { version, type EventStore, type RecordedEvent, type Version } from "@reactive-domain/foundation";

/** The events of a stream, as the store keeps them. */
export async function storedIn(store: EventStore, stream: string): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.read({ stream })) events.push(event);
  return events;
}

export async function versionsIn(store: EventStore, stream: string): Promise<readonly Version[]> {
  return (await storedIn(store, stream)).map((event) => version(event.version));
}
