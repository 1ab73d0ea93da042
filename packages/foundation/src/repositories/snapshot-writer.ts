import { AlreadyClosed, currentRuntime, version, warn, yieldToLoop } from "@reactive-domain/core";
import type { EventStore, Snapshot, SnapshotItem } from "@reactive-domain/persistence";
import { isBroken } from "../aggregates/broken.ts";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { CorruptSnapshot, SnapshotNotWritten } from "./errors.ts";
import { sealState, unsealState } from "../snapshots/sealed-state.ts";
import type { Target } from "./source-kind.ts";

/** Snapshots beyond are left for the next save or load. */
const MAX_WRITING = 16;

/** The version of the last snapshot that is known of a source. */
const snapshotVersions = new WeakMap<CorrelatedEventSource, number>();

/** Sources whose state may be something else than what is stored. */
const strays = new WeakSet<CorrelatedEventSource>();

interface Due {
  item: SnapshotItem | undefined;
}

/** Writes snapshots where nobody waits for them. */
export class SnapshotWriter {
  readonly #store: EventStore;
  readonly #runtime = currentRuntime();
  readonly #writing = new Map<string, Promise<void>>();
  /** What is to be written, from when it is due to when it is taken. */
  readonly #due = new Map<string, Due>();
  /** Streams that were changed again before a snapshot could be taken. */
  readonly #busy = new Set<string>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Writes a snapshot of a source that was loaded or saved just now, if one is due. What fails becomes a warning of the process; the next load does without. */
  consider<S extends CorrelatedEventSource>(target: Target<S>, source: S, loadMs: number): void {
    const { kind, stream } = target;
    if (kind.snapshots === undefined || this.#store.gaps.snapshots !== undefined || strays.has(source)) return;
    // Where a change follows each save at once there is no better time than now.
    const due = this.#due.get(stream);
    if (due !== undefined) due.item ??= this.#tryTake(target, source);
    if (this.#writing.has(stream) || this.#writing.size >= MAX_WRITING || !this.#isDue(target, source, loadMs)) return;
    const item = this.#busy.delete(stream) ? this.#tryTake(target, source) : undefined;
    const writing = this.#write(target, source, { item }).catch((error: unknown) => {
      if (!(error instanceof AlreadyClosed)) warn(new SnapshotNotWritten(stream, error));
    });
    this.#writing.set(stream, writing);
    void writing.then(() => this.#writing.delete(stream));
  }

  /** Has no snapshot taken of a source any more: what is stored may be something else than what was decided. */
  distrust(source: CorrelatedEventSource): void {
    strays.add(source);
  }

  /** Resolves when no snapshot is being written. */
  async idle(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  #isDue<S extends CorrelatedEventSource>({ kind, stream }: Target<S>, source: S, loadMs: number): boolean {
    const { expectedVersion } = source;
    if (typeof expectedVersion !== "number") return false;
    const events = expectedVersion - (snapshotVersions.get(source) ?? -1);
    try {
      return kind.snapshots?.isDue(source, { events, loadMs }) === true;
    } catch (error) {
      warn(new SnapshotNotWritten(stream, error));
      return false;
    }
  }

  async #write<S extends CorrelatedEventSource>(target: Target<S>, source: S, due: Due): Promise<void> {
    const { stream } = target;
    this.#due.set(stream, due);
    await yieldToLoop({ runtime: this.#runtime });
    this.#due.delete(stream);
    const item = due.item ?? this.#take(target, source);
    if (item === undefined) {
      this.#busy.add(stream);
      return;
    }
    // A program of the next release may have put one already: who knows less does not put his in its place.
    const known = await this.#store.snapshot(stream);
    if (known === undefined || known.schemaVersion <= item.schemaVersion) await this.#store.write([item]);
  }

  #tryTake<S extends CorrelatedEventSource>(target: Target<S>, source: S): SnapshotItem | undefined {
    try {
      return this.#take(target, source);
    } catch (error) {
      warn(new SnapshotNotWritten(target.stream, error));
      return undefined;
    }
  }

  /** `undefined` where it is being changed again: no snapshot has what is not saved. Errors: what the source throws, `not-serializable`. */
  #take<S extends CorrelatedEventSource>({ kind, stream }: Target<S>, source: S): SnapshotItem | undefined {
    const { snapshots } = kind;
    const { expectedVersion } = source;
    if (snapshots === undefined || source.pendingEvents.length > 0 || isBroken(source) || typeof expectedVersion !== "number")
      return undefined;
    snapshotVersions.set(source, expectedVersion);
    const place = { name: stream, version: expectedVersion, schemaVersion: snapshots.schemaVersion };
    return sealState(`The snapshot of ${stream}`, place, snapshots.take(source));
  }
}

/** Takes the state of a snapshot over. Answers `false`, and warns of it, where it is corrupt: its source must not be used then. */
export function restoreSnapshot<S extends CorrelatedEventSource>({ kind, stream }: Target<S>, source: S, snapshot: Snapshot): boolean {
  try {
    kind.snapshots?.restore(source, unsealState(snapshot));
  } catch (cause) {
    warn(new CorruptSnapshot(stream, snapshot.version, cause));
    return false;
  }
  source.restoreFromEvents([], version(snapshot.version));
  snapshotVersions.set(source, snapshot.version);
  return true;
}
