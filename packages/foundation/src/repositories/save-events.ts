import type { EventSource, Position } from "@reactive-domain/core";
import { definitionOf, metadataOf, type EventBase } from "@reactive-domain/messaging";
import type { AppendItem, CallOptions, SerializationContext } from "@reactive-domain/persistence";
import { SaveInProgress } from "./errors.ts";
import type { StoreAccess } from "./load-events.ts";

/** An event source and the stream that it lives in. */
export interface SaveEntry {
  readonly source: EventSource<EventBase>;
  readonly stream: string;
  /** Takes the events that were written. Default: the source's `takeEvents`. */
  readonly take?: (count: number) => unknown;
}

/** What a save did. */
export interface SaveResult {
  /** How many events it saved. */
  readonly events: number;
  /** The position of the last of them: who has handled it has handled all. `null` when there was nothing to save. */
  readonly position: Position | null;
  /** Whether the store had these events already and answered as the first time. */
  readonly repeated: boolean;
}

const NOTHING_SAVED: SaveResult = { events: 0, position: null, repeated: false };
const saving = new WeakSet<EventSource<EventBase>>();

/**
 * Writes the pending events of some event sources in one write, then takes them. Sources without pending events are left alone. When the write fails, every
 * source is as it was, and the same save can be tried again.
 *
 * Errors: `wrong-expected-version`, `save-in-progress`, those of the serializer and of the store.
 */
export async function saveEvents(access: StoreAccess, entries: readonly SaveEntry[], options?: CallOptions): Promise<SaveResult> {
  const changed = entries.filter(({ source }) => source.pendingEvents.length > 0);
  if (changed.length === 0) return NOTHING_SAVED;
  for (const { source, stream } of changed) if (saving.has(source)) throw new SaveInProgress(stream);
  for (const { source } of changed) saving.add(source);
  try {
    const items = await Promise.all(changed.map((entry) => toAppend(access, entry)));
    const { position, repeated } = await access.store.write(items, options);
    for (const [index, { source, take }] of changed.entries()) {
      const count = items[index]?.events.length ?? 0;
      if (take === undefined) source.takeEvents(count);
      else take(count);
    }
    return { events: items.reduce((sum, { events }) => sum + events.length, 0), position, repeated };
  } finally {
    for (const { source } of changed) saving.delete(source);
  }
}

async function toAppend({ serializer }: StoreAccess, { source, stream }: SaveEntry): Promise<AppendItem> {
  const { expectedVersion } = source;
  const events = await Promise.all(source.pendingEvents.map(async (event) => serializer.serialize(event, contextOf(event, stream))));
  return { kind: "append", stream, expectedVersion, events };
}

function contextOf(event: EventBase, stream: string): SerializationContext {
  const { id, tenant } = metadataOf(event);
  const { type, subject } = definitionOf(event);
  const whose: unknown = subject === undefined ? undefined : Reflect.get(event, subject);
  return { stream, eventId: id, type, tenant, subject: typeof whose === "string" ? whose : undefined };
}
