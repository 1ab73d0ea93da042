import { currentRuntime, type Position, type Version } from "@reactive-domain/core";
import {
  serializationContextOf,
  type AppendItem,
  type CallOptions,
  type EventDestination,
  type EventStore,
  type NewEvent,
} from "@reactive-domain/persistence";
import { refuseBroken } from "../aggregates/broken.ts";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { SaveInProgress } from "./errors.ts";
import { refuseElsewhere, settle } from "./home.ts";
import type { StoreAccess } from "./load-source.ts";
import type { Target } from "./source-kind.ts";

/** An event source and the stream that it lives in. */
export interface SaveEntry<S extends CorrelatedEventSource = CorrelatedEventSource> {
  readonly source: S;
  readonly target: Target<S>;
  /** Whether the unit of work goes on. */
  readonly goesOn?: boolean;
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

/** What one source had saved. */
export interface SavedSource extends SaveEntry {
  readonly events: readonly NewEvent[];
  readonly isNew: boolean;
  readonly repeated: boolean;
}

const NOTHING_SAVED: SaveResult = { events: 0, position: null, repeated: false };
const saving = new WeakSet<CorrelatedEventSource>();

/** Whether a source is on its way into the store. */
export function isBeingSaved(source: CorrelatedEventSource): boolean {
  return saving.has(source);
}

/**
 * Writes the pending events of some event sources in one write, then takes them and tells `onSaved` of each. Sources without pending events are left alone. When the
 * write fails, every source is as it was, and the same save can be tried again.
 *
 * Errors: `wrong-expected-version`, `save-in-progress`, `aggregate-broken`, `invalid-argument` for a source that lives elsewhere, those of the serializer and of the store.
 */
export async function saveEvents(
  access: StoreAccess,
  entries: readonly SaveEntry[],
  options: CallOptions = {},
  onSaved?: (saved: SavedSource) => void,
): Promise<SaveResult> {
  const changed = entries.filter(({ source }) => source.pendingEvents.length > 0);
  if (changed.length === 0) return NOTHING_SAVED;
  for (const { source, target } of changed) {
    if (saving.has(source)) throw new SaveInProgress(target.stream);
    refuseBroken(source, `${target.kind.type} ${source.id}`);
    refuseElsewhere(source, access.store, target.stream);
  }
  for (const { source } of changed) saving.add(source);
  try {
    const { actor, tenant } = options.context ?? {};
    const commit = { commitId: currentRuntime().ids.next(), actor, tenant };
    const items = await Promise.all(changed.map((entry) => toAppend(access, entry, commit)));
    const { position, repeated, streams } = await access.store.write(items, options);
    const saved = changed.map((entry, index) =>
      taken(entry, items[index]?.events ?? [], { store: access.store, repeated, lastVersion: streams[index]?.version }),
    );
    for (const one of saved) {
      // What is stored under these ids may be something else than what was decided this time.
      if (repeated) access.snapshots.distrust(one.source);
      else access.snapshots.consider(one.target, one.source, 0);
      onSaved?.(one);
    }
    return { events: items.reduce((sum, { events }) => sum + events.length, 0), position, repeated };
  } finally {
    for (const { source } of changed) saving.delete(source);
  }
}

interface Written {
  readonly store: EventStore;
  readonly repeated: boolean;
  readonly lastVersion: Version | undefined;
}

function taken(entry: SaveEntry, events: readonly NewEvent[], { store, repeated, lastVersion }: Written): SavedSource {
  const { source, goesOn = false } = entry;
  const isNew = source.expectedVersion === "noStream";
  settle(source, store, entry.target.stream);
  if (goesOn) source.takeEventsAndContinue(events.length, lastVersion);
  else source.takeEvents(events.length, lastVersion);
  return { ...entry, events, isNew, repeated };
}

type Commit = Pick<EventDestination, "commitId" | "actor" | "tenant">;

async function toAppend({ serializer }: StoreAccess, { source, target }: SaveEntry, commit: Commit): Promise<AppendItem> {
  const { stream, kind } = target;
  const { expectedVersion } = source;
  const destination = { ...commit, stream, aggregate: { type: kind.type, id: source.id } };
  const events = await Promise.all(
    source.pendingEvents.map(async (event) => serializer.serialize(event, serializationContextOf(event, destination))),
  );
  return { kind: "append", stream, expectedVersion, events };
}
