import { version } from "@reactive-domain/core";
import { requiring, type ConformanceCase } from "./conformance-case.ts";
import { grow } from "./new-event.ts";
import { behindCase, SCHEMA, snapshotAt } from "./reading-behind.ts";
import { deleteStream, describeStream, tombstoneStream } from "./stream-changes.ts";

const stream = "account-1";

/** Reads that begin behind a snapshot, of streams that are deleted or hide events. */
export const snapshotReadLifeCases: readonly ConformanceCase[] = [
  ...requiring(
    ["snapshots", "softDelete"],
    [
      behindCase("a snapshot of a deleted stream is passed over by reads, until the stream is written again", async (store, reader) => {
        await grow(store, stream, 4);
        await store.write([snapshotAt(2)]);
        await deleteStream(store, stream);
        await reader.read({ behind: null });
        await store.write([snapshotAt(4)]);
        await reader.read({ behind: null });
        await grow(store, stream, 2);
        await reader.read({ behind: 4 });
        await store.write([snapshotAt(5)]);
        await reader.read({ behind: 5 });
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "tombstones"],
    [
      behindCase("a snapshot of a stream that was deleted for ever is passed over by reads", async (store, reader) => {
        await grow(store, stream, 4);
        await tombstoneStream(store, stream);
        for (const place of [2, 4]) {
          await store.write([snapshotAt(place)]);
          await reader.read({ behind: null });
        }
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "streamMetadata"],
    [
      behindCase("events that metadata hides do not keep a read from beginning behind a snapshot", async (store, reader) => {
        const events = await grow(store, stream, 8);
        await store.write([snapshotAt(3)]);
        const first = { schemaVersion: SCHEMA, unlessRecorded: events[0]?.id ?? "" };
        for (const metadata of [
          { truncateBefore: version(2) },
          { truncateBefore: version(4) },
          { truncateBefore: version(6) },
          { truncateBefore: version(8) },
          { maxCount: 6 },
          { maxCount: 2 },
          {},
        ]) {
          await describeStream(store, stream, metadata);
          await reader.read({ behind: 3 });
          await reader.read({ behind: 3, limit: 1 });
          await reader.read({ behind: null, start: first });
        }
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "streamMetadata", "scavenge"],
    [
      behindCase("events that were scavenged do not keep a read from beginning behind a snapshot", async (store, reader) => {
        await grow(store, stream, 8);
        await store.write([snapshotAt(3)]);
        for (const before of [2, 6, 8]) {
          await describeStream(store, stream, { truncateBefore: version(before) });
          await store.scavenge();
          await reader.read({ behind: 3 });
        }
        await grow(store, stream, 1);
        await reader.read({ behind: 3 });
      }),
    ],
  ),
];
