import assert from "node:assert/strict";
import type { EventStore, ReadSource, RecordedEvent } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { grow } from "./new-event.ts";
import { batchesOf, idsOf, logOf, positionsOf } from "./reading.ts";
import { assertRefusedAtCall } from "./refusal.ts";

const METADATA = "{}";
/** The sizes of events, data and metadata, in bytes. */
const SIZES = [100, 100, 100, 500, 50, 50, 50, 50, 301, 300, 299, 10, 1_000, 1_000, 10, 10];
const LIMITS = [1, 99, 100, 299, 300, 301, 600, 100_000];
const SOURCES: readonly ReadSource[] = [{ all: true }, { stream: "account-1" }, { category: "account" }, { eventType: "Opened" }];

/** How many bytes a batch holds. */
export const batchBytesCases: readonly ConformanceCase[] = [
  storeCase("a batch has no more bytes than asked for, but always an event, and no event is lost", ["F1", "F2"], async (store) => {
    await writeAll(store);
    const inOrder = positionsOf(await logOf(store));
    for (const source of SOURCES) {
      for (const maxBatchBytes of LIMITS) {
        for (const direction of ["forwards", "backwards"] as const) {
          const what = `${JSON.stringify(source)} ${direction} by ${maxBatchBytes} bytes`;
          const batches = await batchesOf(store.read(source, { direction, maxBatchBytes }));
          const expected = direction === "forwards" ? inOrder : inOrder.toReversed();
          assert.deepEqual(positionsOf(batches.flatMap(({ events }) => events)), expected, what);
          for (const { events } of batches) assertWithin(events, maxBatchBytes, what);
          assert.equal(
            batches.findIndex(({ isEnd }) => isEnd),
            batches.length - 1,
            `Only the last batch is the end: ${what}.`,
          );
        }
      }
    }
  }),

  storeCase("events that fit in a batch come in one", ["F1", "F2"], async (store) => {
    await writeAll(store);
    for (const direction of ["forwards", "backwards"] as const) {
      const batches = await batchesOf(store.read({ all: true }, { direction, maxBatchBytes: 100_000 }));
      assert.deepEqual(
        batches.map(({ events }) => events.length),
        [SIZES.length],
      );
    }
  }),

  storeCase("a bound on bytes holds beside a bound on events, a limit and a filter", ["F1", "F2", "F11"], async (store) => {
    await writeAll(store);
    const inOrder = positionsOf(await logOf(store));
    for (const maxBatchBytes of LIMITS) {
      const options = { maxBatchBytes, maxBatchEvents: 2, limit: 12, filter: { streamPrefix: "account" } };
      const batches = await batchesOf(store.read({ all: true }, options));
      assert.deepEqual(positionsOf(batches.flatMap(({ events }) => events)), inOrder.slice(0, 12), `By ${maxBatchBytes} bytes.`);
      for (const { events } of batches) {
        assertWithin(events, maxBatchBytes, `by ${maxBatchBytes} bytes`);
        assert.ok(events.length <= 2);
      }
    }
  }),

  storeCase("a subscription's batches have no more bytes than asked for, but always an event", ["F9"], async (store) => {
    await writeAll(store);
    const followers = LIMITS.map((maxBatchBytes) => ({
      maxBatchBytes,
      follower: new Follower(store.subscribe({ all: true }, { maxBatchBytes })),
    }));
    for (const { follower, maxBatchBytes } of followers) await followWithin(follower, maxBatchBytes, SIZES.length);
    await writeAll(store);
    const log = idsOf(await logOf(store));
    for (const { follower, maxBatchBytes } of followers) {
      await followWithin(follower, maxBatchBytes, 2 * SIZES.length);
      assert.deepEqual(idsOf(follower.events), log);
    }
  }),

  storeCase("a bound on bytes that is no integer from 1 is refused at the call", ["F1"], async (store) => {
    for (const maxBatchBytes of [0, -1, 1.5, Number.NaN]) {
      assertRefusedAtCall(() => store.read({ all: true }, { maxBatchBytes }), "invalid-argument", "a read");
      assertRefusedAtCall(() => store.subscribe({ all: true }, { maxBatchBytes }), "invalid-argument", "a subscription");
    }
  }),
];

async function writeAll(store: EventStore): Promise<void> {
  for (const size of SIZES) {
    const data = "x".repeat(size - METADATA.length);
    await grow(store, "account-1", 1, { type: "Opened", contentType: "text/plain", data, metadata: METADATA });
  }
}

async function followWithin(follower: Follower, maxBytes: number, count: number): Promise<void> {
  while (follower.events.length < count) {
    const message = await follower.next();
    if (message.kind === "events") assertWithin(message.events, maxBytes, `in a subscription by ${maxBytes} bytes`);
  }
}

function assertWithin(events: readonly RecordedEvent[], maxBytes: number, what: string): void {
  const bytes = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
  assert.ok(events.length <= 1 || bytes <= maxBytes, `A batch of ${events.length} events has ${bytes} bytes: ${what}.`);
}
