import assert from "node:assert/strict";
import type { EventStore, ReadOptions, Snapshot, SnapshotItem, SnapshotStart } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow } from "./new-event.ts";
import { batchesOf, eventsOf, firstBatchOf, versionsOf } from "./reading.ts";

export const SCHEMA = 3;

/** A snapshot of the schema that is asked for. */
export function snapshotAt(version: number, facts: Partial<SnapshotItem> = {}): SnapshotItem {
  return {
    kind: "snapshot",
    name: "account-1",
    version,
    schemaVersion: SCHEMA,
    hash: "h1",
    contentType: "application/json",
    data: "{}",
    ...facts,
  };
}

/** What a read asks for, and behind which version it must begin; `null` where it must begin at the start. */
export interface ReadBehind extends Omit<ReadOptions<never>, "snapshot"> {
  readonly stream?: string;
  readonly start?: SnapshotStart;
  readonly behind: number | null;
}

/** Reads behind snapshots. To begin at the start is never wrong: a store that does so in the simplest of cases must do so in all. */
export class BehindReader {
  readonly #store: EventStore;
  readonly #begins: boolean;

  private constructor(store: EventStore, begins: boolean) {
    this.#store = store;
    this.#begins = begins;
  }

  static async of(store: EventStore): Promise<BehindReader> {
    const stream = "probe-1";
    await grow(store, stream, 2);
    await store.write([snapshotAt(0, { name: stream })]);
    const { snapshot } = await firstBatchOf(store.read({ stream }, { snapshot: { schemaVersion: SCHEMA } }));
    return new BehindReader(store, snapshot !== undefined);
  }

  /** Asserts that a read begins where it must, gives what follows there, whatever the size of its batches, and tells all else as ever. Returns the snapshot. */
  async read({
    stream = "account-1",
    start = { schemaVersion: SCHEMA },
    behind,
    limit,
    ...asked
  }: ReadBehind): Promise<Snapshot | undefined> {
    const expected = this.#begins ? behind : null;
    const whole = await eventsOf(this.#store.read({ stream }, asked));
    const following = versionsOf(whole).filter((version) => version > (expected ?? -1));
    let snapshot: Snapshot | undefined;
    for (const maxBatchEvents of [1, 2, 250]) {
      const what = JSON.stringify({ stream, snapshot: start, limit, maxBatchEvents, ...asked });
      const options = { ...asked, maxBatchEvents, snapshot: start, ...(limit !== undefined && { limit }) };
      const [first = assert.fail(`A read gave no batch: ${what}`), ...others] = await batchesOf(this.#store.read({ stream }, options));
      const { head, lastVersion } = await firstBatchOf(this.#store.read({ stream }));
      assert.equal(first.snapshot?.version ?? null, expected, `The version of the snapshot that a read begins behind: ${what}`);
      assert.ok(
        others.every((batch) => batch.snapshot === undefined),
        `Only the first batch of a read tells its snapshot: ${what}`,
      );
      const versions = [first, ...others].flatMap(({ events }) => versionsOf(events));
      assert.deepEqual(versions, following.slice(0, limit), `The events of a read: ${what}`);
      assert.deepEqual({ head: first.head, lastVersion: first.lastVersion }, { head, lastVersion }, `What a batch tells: ${what}`);
      ({ snapshot } = first);
    }
    return snapshot;
  }

  /** Asserts what only a store can show that begins behind snapshots. */
  async whereUsed(check: () => Promise<void>): Promise<void> {
    if (this.#begins) await check();
  }
}

/** A case about reads that begin behind snapshots. */
export function behindCase(name: string, check: (store: EventStore, reader: BehindReader) => Promise<void>): ConformanceCase {
  return storeCase(name, ["H17"], async (store) => check(store, await BehindReader.of(store)));
}
