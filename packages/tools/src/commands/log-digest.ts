import { createHash } from "node:crypto";
import type { Position } from "@reactive-domain/core";
import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";

/** What a log comes to, event by event. */
export interface LogDigest {
  readonly events: number;
  readonly value: string;
}

export interface DigestOptions {
  /** Events behind are left out; `null` for an empty log. */
  readonly upTo: Position | null;
  readonly signal: AbortSignal;
  /** Called after each batch, with the events so far. */
  readonly onBatch: (events: number) => void;
}

/** Reads a log up to a place, and digests all that is known of each event. */
export async function digestOf(store: EventStore, { upTo, signal, onBatch }: DigestOptions): Promise<LogDigest> {
  const hash = createHash("sha256");
  let events = 0;
  if (upTo === null) return { events, value: hash.digest("hex") };
  for await (const batch of store.read({ all: true }, { upTo: { position: upTo }, maxBatchEvents: 2_000, signal }).batches()) {
    for (const event of batch.events) addTo(hash, event);
    events += batch.events.length;
    onBatch(events);
  }
  return { events, value: hash.digest("hex") };
}

function addTo(hash: ReturnType<typeof createHash>, event: RecordedEvent): void {
  const { position, stream, version, time, id, type, schemaVersion, contentType, metadata, data } = event;
  const isText = typeof data === "string";
  const place = [position, stream, version, time.getTime(), id, type, schemaVersion, contentType, metadata, isText ? data : null];
  hash.update(JSON.stringify(place));
  if (!isText) hash.update(data);
}
