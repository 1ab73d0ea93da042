import assert from "node:assert/strict";
import { version, type ExpectedVersion, type Version } from "@reactive-domain/core";
import type { EventStore, ReadOptions, StreamMetadata, WriteResult } from "@reactive-domain/persistence";
import { batchesOf } from "./reading.ts";

/** Deletes a stream. */
export function deleteStream(store: EventStore, stream: string, expectedVersion: ExpectedVersion = "any"): Promise<WriteResult> {
  return store.write([{ kind: "delete", stream, expectedVersion }]);
}

/** Deletes a stream for ever. */
export function tombstoneStream(store: EventStore, stream: string, expectedVersion: ExpectedVersion = "any"): Promise<WriteResult> {
  return store.write([{ kind: "tombstone", stream, expectedVersion }]);
}

/** Says about a stream all that is to be said. */
export function describeStream(store: EventStore, stream: string, metadata: StreamMetadata): Promise<WriteResult> {
  return store.write([{ kind: "metadata", stream, metadata }]);
}

/** Asserts that a stream reads as if it did not exist, from wherever it is read. */
export async function assertReadsAsMissing(store: EventStore, stream: string, when: string): Promise<void> {
  const places: readonly NonNullable<ReadOptions<Version>["from"]>[] = [
    "start",
    "end",
    { at: version(0) },
    { at: version(2) },
    { after: version(1) },
  ];
  for (const direction of ["forwards", "backwards"] as const) {
    for (const from of places) {
      const batches = await batchesOf(store.read({ stream }, { direction, from }));
      assert.deepEqual(
        batches.map(({ events, isEnd, lastVersion }) => ({ events: events.length, isEnd, lastVersion })),
        [{ events: 0, isEnd: true, lastVersion: null }],
        `A read ${direction} from ${JSON.stringify(from)} ${when} must give one empty batch without a last version.`,
      );
    }
  }
}
