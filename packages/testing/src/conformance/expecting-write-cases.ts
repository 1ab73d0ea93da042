import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { AppendItem, WriteItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { expectOf } from "./expecting.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog, idsOf, logOf } from "./reading.ts";
import { assertConflict, assertRefused } from "./refusal.ts";
import { tombstoneStream } from "./stream-changes.ts";

const [watched, written] = ["account-1", "transfer-1"];
const WRITERS = 8;

/** Writes that change one stream and expect something of another. */
export const expectingWriteCases: readonly ConformanceCase[] = [
  storeCase("a write is done where streams that it does not change are as expected", ["F5"], async (store) => {
    await grow(store, watched, 2);
    const append = appendTo(written, 2);
    const result = await store.write([expectOf(watched, ExpectedVersion.exactly(1)), append, expectOf("account-2", "noStream")]);
    assert.deepEqual(
      { ...result },
      { position: 3, streams: [{ stream: written, version: 1, position: 3 }], repeated: false },
      "Only what was appended is told.",
    );
    assert.deepEqual(idsOf(await logOf(store)).slice(2), idsOf(append.events));
    assert.equal((await store.streamInfo(watched)).lastVersion, 1);
  }),

  storeCase("nothing of a write is done where one of its expectations is wrong, wherever it stands", ["F5"], async (store) => {
    const events = await grow(store, watched, 3);
    const wrong = expectOf(watched, ExpectedVersion.exactly(1));
    for (const items of orders([appendTo(written, 2), expectOf("account-2", "noStream"), wrong]))
      await assertConflict(store.write(items), { stream: watched, expected: ExpectedVersion.exactly(1), actual: 2 });
    await assertLog(store, events, "after writes with a wrong expectation");
    const { position } = await store.append(written, newEvents(1), { expectedVersion: "noStream" });
    assert.equal(position, 3, "A refused write must not take a position.");
  }),

  storeCase("a stream that a write appends to, deletes or expects may not be expected in it once more", ["F5"], async (store) => {
    const events = await grow(store, watched, 1);
    const others: readonly WriteItem[] = [
      { kind: "append", stream: watched, expectedVersion: "any", events: newEvents(1) },
      expectOf(watched, ExpectedVersion.exactly(0)),
      ...(store.gaps.softDelete === undefined ? [{ kind: "delete", stream: watched, expectedVersion: "any" } as const] : []),
      ...(store.gaps.tombstones === undefined ? [{ kind: "tombstone", stream: watched, expectedVersion: "any" } as const] : []),
    ];
    for (const other of others)
      for (const items of orders([other, expectOf(watched, "exists")]))
        await assertRefused(store.write(items), "invalid-write", `an expectation beside ${other.kind}`);
    await assertLog(store, events, "after refused writes");
  }),

  storeCase("a write that is repeated is answered as it was, whatever became of what it expected", ["F15"], async (store) => {
    await grow(store, watched, 1);
    const items = [expectOf(watched, ExpectedVersion.exactly(0)), appendTo(written, 2), expectOf("account-2", "noStream")];
    const first = await store.write(items);
    for (const stream of [watched, "account-2"]) await grow(store, stream, 2);
    if (store.gaps.tombstones === undefined) await tombstoneStream(store, "account-2");
    const log = await logOf(store);
    assert.deepEqual({ ...(await store.write(items)) }, { ...first, repeated: true });
    await assertLog(store, log, "after a write that was repeated");
  }),

  storeCase("what a write expects is held against the writes that were accepted before it", ["F4"], async (store) => {
    const writes = Array.from({ length: WRITERS }, (_, turn) => [
      expectOf(watched, turn === 0 ? "noStream" : ExpectedVersion.exactly(turn - 1)),
      appendTo(`transfer-${turn}`, 1),
    ]);
    const calls = writes.flatMap((items) => [store.write(items), store.append(watched, newEvents(1), { expectedVersion: "any" })]);
    await Promise.all(calls);
    const streams = (await logOf(store)).map(({ stream }) => stream);
    assert.deepEqual(
      streams,
      writes.flatMap((_, turn) => [`transfer-${turn}`, watched]),
    );
  }),

  storeCase("of several writers that expect each other's streams to be as they were, exactly one is done", ["F4"], async (store) => {
    const names = Array.from({ length: WRITERS }, (_, index) => `account-${index}`);
    const outcomes = await Promise.allSettled(
      names.map((name) =>
        store.write([appendTo(name, 1), ...names.filter((other) => other !== name).map((other) => expectOf(other, "noStream"))]),
      ),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1, "Exactly one must be done.");
    assert.equal((await logOf(store)).length, 1);
  }),

  ...requiring(
    ["streamMetadata"],
    [
      storeCase("metadata of a stream may be said in a write that expects the stream to be at a version", ["F5"], async (store) => {
        await grow(store, watched, 2);
        const say = (maxCount: number): WriteItem => ({ kind: "metadata", stream: watched, metadata: { maxCount } });
        await store.write([expectOf(watched, ExpectedVersion.exactly(1)), say(7)]);
        const wrong = store.write([say(9), expectOf(watched, ExpectedVersion.exactly(0))]);
        await assertConflict(wrong, { stream: watched, expected: ExpectedVersion.exactly(0), actual: 1 });
        assert.deepEqual((await store.streamInfo(watched)).metadata, { maxCount: 7 });
      }),
    ],
  ),
];

function appendTo(stream: string, count: number): AppendItem {
  return { kind: "append", stream, expectedVersion: "noStream", events: newEvents(count) };
}

/** A list, and again with each of its items first. */
function orders(items: readonly WriteItem[]): readonly (readonly WriteItem[])[] {
  return items.map((_, index) => [...items.slice(index), ...items.slice(0, index)]);
}
