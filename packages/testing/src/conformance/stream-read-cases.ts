import assert from "node:assert/strict";
import { version } from "@reactive-domain/core";
import type { EventBatch, ReadOptions, ReadSource } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow } from "./new-event.ts";
import { batchesOf, eventsOf, firstBatchOf, idsOf, numbersBelow, versionsOf } from "./reading.ts";
import { assertRefusedAtCall } from "./refusal.ts";

const stream = "account-1";

/** Reading one stream. */
export const streamReadCases: readonly ConformanceCase[] = [
  storeCase("a stream of 10 is read forwards, 4 events from a place", ["F1"], async (store) => {
    await grow(store, stream, 10);
    const expected = [
      { from: 0, versions: [0, 1, 2, 3], next: 4, isEnd: false },
      { from: 3, versions: [3, 4, 5, 6], next: 7, isEnd: false },
      { from: 6, versions: [6, 7, 8, 9], next: 10, isEnd: undefined },
      { from: 8, versions: [8, 9], next: 10, isEnd: true },
      { from: 12, versions: [], next: 10, isEnd: true },
    ];
    for (const { from, versions, next, isEnd } of expected) {
      const batch = await firstBatchOf(store.read({ stream }, { from: { at: version(from) }, limit: 4 }));
      assert.deepEqual(
        { versions: versionsOf(batch.events), next: batch.next, lastVersion: batch.lastVersion },
        { versions, next, lastVersion: 9 },
        `From ${from}.`,
      );
      // A full page need not know whether anything follows.
      if (isEnd !== undefined) assert.equal(batch.isEnd, isEnd, `isEnd from ${from}.`);
    }
  }),

  storeCase("a stream of 10 is read backwards, at most 4 events from a place", ["F2"], async (store) => {
    await grow(store, stream, 10);
    for (const [from, versions] of [
      [0, [0]],
      [1, [1, 0]],
      [4, [4, 3, 2, 1]],
      [6, [6, 5, 4, 3]],
      [9, [9, 8, 7, 6]],
      [11, [9, 8, 7, 6]],
    ] as const) {
      const batch = await firstBatchOf(store.read({ stream }, { from: { at: version(from) }, direction: "backwards", limit: 4 }));
      assert.deepEqual(versionsOf(batch.events), versions, `From ${from}.`);
      assert.equal(batch.lastVersion, 9);
      const left = from > 9 ? 6 : from - versions.length + 1;
      if (left > 0) assert.deepEqual([batch.next, batch.isEnd], [left - 1, false], `Where a read from ${from} goes on.`);
    }
    const fromEnd = await eventsOf(store.read({ stream }, { direction: "backwards", limit: 4 }));
    assert.deepEqual(versionsOf(fromEnd), [9, 8, 7, 6], "A backward read begins at the end.");
  }),

  storeCase("a backward read that has passed the first event has nowhere to go on", ["F2"], async (store) => {
    await grow(store, stream, 3);
    const last = (await batchesOf(store.read({ stream }, { direction: "backwards", maxBatchEvents: 2 }))).at(-1);
    assert.deepEqual([last?.next, last?.isEnd], [null, true]);
  }),

  storeCase("a stream that does not exist gives one empty batch that tells so", ["F3"], async (store) => {
    await grow(store, "account-2", 2);
    for (const direction of ["forwards", "backwards"] as const) {
      const batches = await batchesOf(store.read({ stream }, { direction }));
      assert.equal(batches.length, 1, "There must be one batch.");
      const [{ events, isEnd, lastVersion, head }] = batches as [EventBatch];
      assert.deepEqual({ events: [...events], isEnd, lastVersion, head }, { events: [], isEnd: true, lastVersion: null, head: 1 });
    }
    assert.deepEqual(await eventsOf(store.read({ stream })), []);
  }),

  storeCase("an empty log gives one empty batch, without a head", ["F3"], async (store) => {
    for (const source of [{ all: true }, { category: "account" }, { eventType: "Opened" }, { stream }] as const) {
      const batches = await batchesOf(store.read(source));
      assert.deepEqual(
        batches.map(({ events, isEnd, head }) => [events.length, isEnd, head]),
        [[0, true, null]],
      );
      assert.equal(batches[0]?.lastVersion, "stream" in source ? null : undefined, "lastVersion is for streams.");
    }
  }),

  storeCase(
    "a stream is read page by page, each event once, and every page tells the stream's last version",
    ["F1", "F2"],
    async (store) => {
      await Promise.all([grow(store, stream, 23), grow(store, "account-2", 5)]);
      for (const maxBatchEvents of [1, 4, 5, 23, 24]) {
        for (const direction of ["forwards", "backwards"] as const) {
          const batches = await batchesOf(store.read({ stream }, { maxBatchEvents, direction }));
          const versions = direction === "forwards" ? numbersBelow(23) : numbersBelow(23).toReversed();
          assert.deepEqual(versionsOf(batches.flatMap(({ events }) => events)), versions, `${direction} by ${maxBatchEvents}`);
          assert.ok(batches.every(({ lastVersion, head }) => lastVersion === 22 && head === 27));
          assert.deepEqual(batches.map(({ isEnd }) => isEnd).lastIndexOf(false), batches.length - 2, "Only the last batch is the end.");
        }
      }
    },
  ),

  storeCase("the events of a stream and its batches are the same, and a read can be iterated again", ["F1"], async (store) => {
    await grow(store, stream, 7);
    const read = store.read({ stream }, { maxBatchEvents: 3 });
    const ids = idsOf(await eventsOf(read));
    for (let time = 0; time < 2; time++) {
      const one: string[] = [];
      for await (const event of read) one.push(event.id);
      assert.deepEqual(one, ids);
    }
    assert.deepEqual(idsOf(await eventsOf(read)), ids);
  }),

  storeCase("a read that is left early ends", ["F1"], async (store) => {
    await grow(store, stream, 9);
    const seen: number[] = [];
    for await (const event of store.read({ stream }, { maxBatchEvents: 2 })) {
      if (seen.push(event.version) === 3) break;
    }
    assert.deepEqual(seen, [0, 1, 2]);
  }),

  storeCase("a read sees what was appended while it ran, and nothing twice", ["F1"], async (store) => {
    await grow(store, stream, 6);
    const seen: number[] = [];
    for await (const event of store.read({ stream }, { maxBatchEvents: 2 })) {
      seen.push(event.version);
      if (event.version === 1) await grow(store, stream, 4);
    }
    assert.deepEqual(seen, numbersBelow(10));
  }),

  storeCase("a read with arguments that make no sense is refused at the call", ["F1", "F2"], async (store) => {
    const bad: readonly (readonly [source: unknown, options: unknown])[] = [
      [{ stream }, { from: { at: -1 } }],
      [{ stream }, { from: { after: -1 }, direction: "backwards" }],
      [{ stream }, { from: { at: 1.5 } }],
      [{ stream }, { limit: 0 }],
      [{ stream }, { limit: 2.5 }],
      [{ stream }, { maxBatchEvents: 0 }],
      [{ stream }, { maxBatchEvents: 10_001 }],
      [{ stream }, { direction: "sideways" }],
      [{ stream: "" }, {}],
      [{ stream, category: "account" }, {}],
      [{ all: false }, {}],
      [{}, {}],
      [null, {}],
    ];
    for (const [source, options] of bad) {
      const what = `a read of ${JSON.stringify(source)} with ${JSON.stringify(options)}`;
      assertRefusedAtCall(() => store.read(source as ReadSource, options as ReadOptions), "invalid-argument", what);
    }
  }),
];
