import { currentRuntime, type Version } from "@reactive-domain/core";
import {
  deserializeAll,
  type CallOptions,
  type EventBatch,
  type EventSerializer,
  type EventStore,
  type ReadOptions,
} from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { AppliedWatch } from "./applied-watch.ts";
import { checkAsOf } from "./check-as-of.ts";
import { VersionNotReached } from "./errors.ts";
import type { EventTrail } from "./event-trail.ts";
import { restoreSnapshot, type SnapshotWriter } from "./snapshot-writer.ts";
import type { Target } from "./source-kind.ts";

/** What loading and saving need of a connected context. */
export interface StoreAccess {
  readonly store: EventStore;
  readonly serializer: EventSerializer;
  readonly snapshots: SnapshotWriter;
}

/** When: behind the event of this version, or at this time, by the times at which events were committed. */
export type AsOf = { readonly version: Version } | { readonly time: Date };

/** How an aggregate is loaded. */
export interface GetOptions extends CallOptions {
  /** As it was then. What is raised on it meets a conflict when it is saved, if anything happened since. Default: as it is now. */
  readonly asOf?: AsOf;
}

export interface LoadOptions extends GetOptions {
  /** The id of the message that the source is loaded for. */
  readonly sourceId?: string | undefined;
  /** Is told of the events that were folded. */
  readonly trail?: EventTrail | undefined;
}

/**
 * Folds a stream into a new source, from its snapshot on where there is one; `undefined` where the stream does not exist, or did not at the time that is asked for.
 *
 * Errors: `invalid-argument`, `version-not-reached`; `command-already-applied` when events of the message `sourceId` are in the stream; `corrupt-event`, `unknown-event-type`, those of the
 * store.
 */
export async function loadSource<S extends CorrelatedEventSource>(
  access: StoreAccess,
  target: Target<S>,
  options: LoadOptions = {},
): Promise<S | undefined> {
  if (options.asOf !== undefined) checkAsOf(options.asOf, "version");
  const { snapshots } = target.kind;
  const clock = snapshots === undefined ? undefined : currentRuntime().clock;
  const startMs = clock?.monotonicMs() ?? 0;
  const loading = new Loading(access, target, options);
  const outcome = (await loading.run(snapshots?.schemaVersion)) ?? (await loading.run(undefined));
  if (outcome === undefined || !outcome.isFound) return undefined;
  outcome.source.home = { store: access.store, stream: target.stream };
  if (clock !== undefined && options.asOf === undefined) access.snapshots.consider(target, outcome.source, clock.monotonicMs() - startMs);
  return outcome.source;
}

interface Outcome<S> {
  readonly source: S;
  readonly isFound: boolean;
}

class Loading<S extends CorrelatedEventSource> {
  readonly #access: StoreAccess;
  readonly #target: Target<S>;
  readonly #asOf: AsOf | undefined;
  readonly #options: CallOptions;
  readonly #watch: AppliedWatch | undefined;
  readonly #trail: EventTrail | undefined;

  constructor(access: StoreAccess, target: Target<S>, { sourceId, trail, asOf, ...options }: LoadOptions) {
    this.#access = access;
    this.#target = target;
    this.#asOf = asOf;
    this.#options = options;
    this.#trail = trail;
    this.#watch = sourceId === undefined ? undefined : new AppliedWatch(sourceId, target.stream);
  }

  /** `undefined` where a snapshot was found that is worth nothing. */
  async run(schemaVersion: number | undefined): Promise<Outcome<S> | undefined> {
    const { kind, id, stream } = this.#target;
    const source = kind.make(id);
    let isFound = false;
    for await (const batch of this.#access.store.read({ stream }, this.#readOptions(schemaVersion)).batches()) {
      refuseNotReached(stream, this.#asOf, batch);
      if (batch.snapshot !== undefined) {
        if (!restoreSnapshot(this.#target, source, batch.snapshot)) return undefined;
        this.#trail?.beginBehindSnapshot(batch.snapshot);
        isFound = true;
      }
      const last = batch.events.at(-1);
      if (last === undefined) break;
      this.#watch?.see(batch.events);
      const made = deserializeAll(this.#access.serializer, batch.events);
      const messages = made instanceof Promise ? await made : made;
      if (isFound) source.updateWithEvents(messages, last.version);
      else source.restoreFromEvents(messages, last.version);
      this.#trail?.add(batch.events);
      isFound = true;
    }
    this.#watch?.refuseApplied();
    return { source, isFound };
  }

  #readOptions(schemaVersion: number | undefined): ReadOptions<Version> {
    const upTo = this.#asOf;
    const base = upTo === undefined ? this.#options : { ...this.#options, upTo };
    if (schemaVersion === undefined) return base;
    const unlessRecorded = this.#watch?.firstId;
    return { ...base, snapshot: unlessRecorded === undefined ? { schemaVersion } : { schemaVersion, unlessRecorded } };
  }
}

function refuseNotReached(stream: string, asOf: AsOf | undefined, { lastVersion }: EventBatch): void {
  if (asOf !== undefined && "version" in asOf && typeof lastVersion === "number" && lastVersion < asOf.version)
    throw new VersionNotReached(stream, asOf.version, lastVersion);
}
