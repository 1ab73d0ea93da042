import { hash } from "node:crypto";
import { AlreadyClosed, currentRuntime, findJsonProblem, version, warn, yieldToLoop, type JsonValue } from "@reactive-domain/core";
import { NotSerializable, type EventStore, type Snapshot } from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { CorruptSnapshot } from "./errors.ts";
import type { Target } from "./source-kind.ts";

const CONTENT_TYPE = "application/json";
/** Snapshots beyond are left for the next save or load. */
const MAX_WRITING = 16;

/** The version of the last snapshot that is known of a source. */
const snapshotVersions = new WeakMap<CorrelatedEventSource, number>();

/** Writes snapshots where nobody waits for them. */
export class SnapshotWriter {
  readonly #store: EventStore;
  readonly #runtime = currentRuntime();
  readonly #writing = new Map<string, Promise<void>>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Writes a snapshot of a source that was loaded or saved just now, if one is due. What fails becomes a warning of the process; the next load does without. */
  consider<S extends CorrelatedEventSource>(target: Target<S>, source: S, loadMs: number): void {
    const { kind, stream } = target;
    const { expectedVersion } = source;
    if (kind.snapshots === undefined || typeof expectedVersion !== "number" || this.#store.gaps.snapshots !== undefined) return;
    if (this.#writing.has(stream) || this.#writing.size >= MAX_WRITING) return;
    try {
      const events = expectedVersion - (snapshotVersions.get(source) ?? -1);
      if (!kind.snapshots.isDue(source, { events, loadMs })) return;
    } catch (error) {
      return warn(error);
    }
    const writing = this.#write(target, source).catch((error: unknown) => {
      if (!(error instanceof AlreadyClosed)) warn(error);
    });
    this.#writing.set(stream, writing);
    void writing.then(() => this.#writing.delete(stream));
  }

  /** Resolves when no snapshot is being written. */
  async idle(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  async #write<S extends CorrelatedEventSource>({ kind, stream }: Target<S>, source: S): Promise<void> {
    await yieldToLoop({ runtime: this.#runtime });
    const { snapshots } = kind;
    const { expectedVersion } = source;
    // What is being changed again is left for its next save.
    if (snapshots === undefined || source.pendingEvents.length > 0 || typeof expectedVersion !== "number") return;
    snapshotVersions.set(source, expectedVersion);
    const { schemaVersion } = snapshots;
    const state = snapshots.take(source);
    const problem = findJsonProblem([state]);
    if (problem !== undefined) throw new NotSerializable(`The snapshot of ${stream}`, problem.path.replace("$[0]", "$"), problem.reason);
    const data = JSON.stringify(state);
    // A program of the next release may have put one already: who knows less does not put his in its place.
    const known = await this.#store.snapshot(stream);
    if (known !== undefined && known.schemaVersion > schemaVersion) return;
    const facts = { name: stream, version: expectedVersion, schemaVersion };
    await this.#store.write([{ kind: "snapshot", ...facts, contentType: CONTENT_TYPE, data, hash: digest(facts, data) }]);
  }
}

/** Takes the state of a snapshot over. Answers `false`, and warns of it, where it is corrupt: its source must not be used then. */
export function restoreSnapshot<S extends CorrelatedEventSource>({ kind, stream }: Target<S>, source: S, snapshot: Snapshot): boolean {
  try {
    kind.snapshots?.restore(source, stateIn(snapshot));
  } catch (cause) {
    warn(new CorruptSnapshot(stream, snapshot.version, cause));
    return false;
  }
  source.restoreFromEvents([], version(snapshot.version));
  snapshotVersions.set(source, snapshot.version);
  return true;
}

function stateIn(snapshot: Snapshot): JsonValue {
  const { contentType, data } = snapshot;
  if (contentType !== CONTENT_TYPE || typeof data !== "string")
    throw new TypeError(`Its content type is ${contentType}, and not ${CONTENT_TYPE}.`);
  if (digest(snapshot, data) !== snapshot.hash) throw new TypeError("Its hash is not that of its data.");
  return JSON.parse(data) as JsonValue;
}

type Facts = Pick<Snapshot, "name" | "version" | "schemaVersion">;

/** Of the state, and of what it is the state of. */
function digest(facts: Facts, data: string): string {
  return hash("sha256", `${facts.name}\n${facts.version}\n${facts.schemaVersion}\n${data}`, "hex");
}
