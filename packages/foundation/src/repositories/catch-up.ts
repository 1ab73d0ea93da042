import type { Version } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/messaging";
import { at, type EventBatch, type ReadOptions, type RecordedEvent } from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { AppliedWatch } from "./applied-watch.ts";
import type { EventTrail } from "./event-trail.ts";
import type { LoadOptions, StoreAccess } from "./load-source.ts";
import type { Target } from "./source-kind.ts";

/** What catching up came to: there was something new, there was nothing, or the source is not what the stream is about now. */
export type CatchUp = "moved" | "current" | "stale";

/** A source that is kept, and what is known of its events. */
export interface KeptSource<S extends CorrelatedEventSource> {
  readonly target: Target<S>;
  readonly source: S;
  readonly trail: EventTrail;
}

/**
 * Folds into a source what others have written since. It is not to be used where that cannot be done: where the event that it knows as its last is not in its place,
 * since the stream was deleted, say, or where it is being changed meanwhile.
 *
 * Errors: `command-already-applied` when events of the message `sourceId` are in the stream; `corrupt-event`, `unknown-event-type`, those of the store.
 */
export async function catchUp<S extends CorrelatedEventSource>(
  access: StoreAccess,
  kept: KeptSource<S>,
  { sourceId, ...options }: LoadOptions,
): Promise<CatchUp> {
  const { stream, kind } = kept.target;
  const watch = sourceId === undefined ? undefined : new AppliedWatch(sourceId, stream);
  const known = new KnownPlace(kept);
  const schemaVersion = kind.snapshots?.schemaVersion;
  // Events behind a snapshot were never seen here: the store has to tell whether the message led to some of them.
  const place: ReadOptions<Version> =
    watch !== undefined && !kept.trail.isWhole && schemaVersion !== undefined
      ? { snapshot: { schemaVersion, unlessRecorded: watch.firstId } }
      : { from: at(known.version) };
  let outcome: CatchUp = "current";
  for await (const batch of access.store.read({ stream }, { ...options, ...place }).batches()) {
    watch?.see(batch.events);
    const fresh = known.eventsBehind(batch);
    if (fresh === undefined) return "stale";
    if (fresh.length === 0) continue;
    const folded = await foldFresh(access, kept, fresh);
    if (folded === "stale") return "stale";
    outcome = folded;
  }
  if (!known.isSeen) return "stale";
  watch?.refuseApplied();
  return outcome;
}

/** Where a source believes to be in its stream. */
class KnownPlace {
  readonly version: Version;
  readonly #id: string | undefined;
  #isSeen = false;

  constructor({ source, trail }: KeptSource<CorrelatedEventSource>) {
    // What is kept was loaded or saved.
    this.version = source.expectedVersion as Version;
    this.#id = trail.lastId;
  }

  /** Whether it was found in its place. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  /** The events behind it; `undefined` where it is not in its place. */
  eventsBehind({ snapshot, events }: EventBatch): readonly RecordedEvent[] | undefined {
    if (snapshot?.version === this.version) this.#isSeen = true;
    for (const [index, event] of events.entries()) {
      if (event.version > this.version) return this.#isSeen ? events.slice(index) : undefined;
      if (event.version === this.version) {
        if (this.#id !== undefined && event.id !== this.#id) return undefined;
        this.#isSeen = true;
      }
    }
    return [];
  }
}

/** Folds what the source does not know yet: it may have been saved meanwhile, or learnt from another reader. */
async function foldFresh<S extends CorrelatedEventSource>(
  { serializer }: StoreAccess,
  { source, trail }: KeptSource<S>,
  events: readonly RecordedEvent[],
): Promise<CatchUp> {
  const messages: (readonly EventBase[])[] = [];
  for (const event of events) messages.push(await serializer.deserialize(event));
  if (source.pendingEvents.length > 0) return "stale";
  const first = events.findIndex(({ version }) => version > (source.expectedVersion as number));
  const last = events.at(-1);
  if (first === -1 || last === undefined) return "current";
  source.updateWithEvents(messages.slice(first).flat(), last.version);
  trail.add(events.slice(first));
  return "moved";
}
