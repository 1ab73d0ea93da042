import assert from "node:assert/strict";
import { version } from "@reactive-domain/core";
import type { EventStore, SnapshotItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvents } from "./new-event.ts";
import { behindCase, SCHEMA, snapshotAt } from "./reading-behind.ts";
import { deleteStream, describeStream, tombstoneStream } from "./stream-changes.ts";

const stream = "account-1";
const RACES = 20;

/** Snapshots that come behind the deletion of their stream. */
export const lateSnapshotCases: readonly ConformanceCase[] = [
  ...requiring(
    ["snapshots", "softDelete"],
    [
      behindCase(
        "a snapshot of what was deleted with its stream is passed over, also when that is written again",
        async (store, reader) => {
          await grow(store, stream, 4);
          await deleteStream(store, stream);
          await assertPassedOver(store, [snapshotAt(0), snapshotAt(3), snapshotAt(3, { schemaVersion: SCHEMA + 1 })]);
          await grow(store, stream, 2);
          await reader.read({ behind: null });
          await assertPassedOver(store, [snapshotAt(3), snapshotAt(0)]);
          await reader.read({ behind: null });
          await deleteStream(store, stream);
          await assertPassedOver(store, [snapshotAt(3), snapshotAt(5)]);
          await grow(store, stream, 1);
          await reader.read({ behind: null });
        },
      ),

      behindCase("a snapshot of what was written behind a deletion is kept, and none of before takes its place", async (store, reader) => {
        await grow(store, stream, 4);
        await deleteStream(store, stream);
        await grow(store, stream, 2);
        for (const kept of [4, 5]) {
          await store.write([snapshotAt(kept)]);
          for (const schemaVersion of [SCHEMA, SCHEMA + 1]) await store.write([snapshotAt(3, { schemaVersion })]);
          await assertKept(store, kept);
          await reader.read({ behind: kept });
        }
      }),

      storeCase("of a deletion and a snapshot of before none leaves the snapshot behind, whichever comes first", ["H17"], async (store) => {
        for (let race = 0; race < RACES; race++) {
          const name = `account-${race}`;
          await grow(store, name, 2);
          const put = (): Promise<unknown> => store.write([snapshotAt(1, { name })]);
          const remove = (): Promise<unknown> => deleteStream(store, name);
          await Promise.all((race % 2 === 0 ? [put, remove] : [remove, put]).map((begin) => begin()));
          await grow(store, name, 1);
          assert.equal(await store.snapshot(name), undefined, `The snapshot of ${name}, whose stream was deleted at the same time.`);
        }
      }),

      storeCase("a deletion makes no snapshot late of another name, nor of one that is no stream's", ["H17"], async (store) => {
        await grow(store, stream, 4);
        await grow(store, "account-10", 4);
        await deleteStream(store, stream);
        await deleteStream(store, "never-1");
        for (const name of ["account-10", "Account-1", "account", "balances of all", "never-1"]) {
          await store.write([snapshotAt(0, { name })]);
          await assertKept(store, 0, name);
        }
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "softDelete", "severalItems"],
    [
      behindCase("a snapshot of what was deleted is passed over also with the events of its write", async (store, reader) => {
        await grow(store, stream, 4);
        await deleteStream(store, stream);
        await store.write([{ kind: "append", stream, expectedVersion: "noStream", events: newEvents(2) }, snapshotAt(3)]);
        assert.equal(await store.snapshot(stream), undefined);
        await reader.read({ behind: null });
        await store.write([snapshotAt(6), { kind: "append", stream, expectedVersion: version(5), events: newEvents(1) }]);
        await assertKept(store, 6);
        await reader.read({ behind: 6 });
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "softDelete", "scavenge"],
    [
      behindCase("a snapshot of what was deleted is passed over also when that was scavenged", async (store, reader) => {
        await grow(store, stream, 4);
        await deleteStream(store, stream);
        await store.scavenge();
        await assertPassedOver(store, [snapshotAt(3)]);
        await grow(store, stream, 2);
        await assertPassedOver(store, [snapshotAt(3)]);
        await reader.read({ behind: null });
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "tombstones"],
    [
      behindCase("a snapshot that comes behind the tombstone of its stream is passed over", async (store, reader) => {
        await grow(store, stream, 4);
        await store.write([snapshotAt(2)]);
        await tombstoneStream(store, stream);
        await assertPassedOver(store, [snapshotAt(0), snapshotAt(3), snapshotAt(2, { schemaVersion: SCHEMA + 1 })]);
        await reader.read({ behind: null });
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "streamMetadata"],
    [
      behindCase("events that metadata hides make no snapshot of them late", async (store, reader) => {
        await grow(store, stream, 8);
        for (const [place, metadata] of [{ truncateBefore: version(6) }, { truncateBefore: version(8) }, { maxCount: 1 }].entries()) {
          await describeStream(store, stream, metadata);
          await store.write([snapshotAt(place)]);
          await assertKept(store, place);
          await reader.read({ behind: place });
        }
      }),
    ],
  ),
];

async function assertPassedOver(store: EventStore, items: readonly SnapshotItem[]): Promise<void> {
  for (const item of items) {
    const { position, streams } = await store.write([item]);
    assert.deepEqual({ position, streams: [...streams] }, { position: null, streams: [] }, "To pass a snapshot over is no error.");
    const found = await store.snapshot(item.name);
    assert.equal(found, undefined, `A snapshot of version ${item.version}, which was deleted, must be passed over.`);
  }
}

async function assertKept(store: EventStore, at: number, name: string = stream): Promise<void> {
  const { version: kept, schemaVersion } = (await store.snapshot(name)) ?? {};
  assert.deepEqual({ kept, schemaVersion }, { kept: at, schemaVersion: SCHEMA }, `The snapshot of ${name}.`);
}
