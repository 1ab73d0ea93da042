import assert from "node:assert/strict";
import { ExpectedVersion, version } from "@reactive-domain/core";
import type { AppendItem, DeleteItem, EventStore } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { assertLog, eventsOf, idsOf, versionsOf } from "./reading.ts";
import { assertConflict, assertRefused } from "./refusal.ts";
import { assertReadsAsMissing, deleteStream } from "./stream-changes.ts";

const stream = "account-1";

/** Deleting a stream that may be written again. */
export const softDeleteCases: readonly ConformanceCase[] = requiring(
  ["softDelete"],
  [
    storeCase("a deleted stream reads as if it did not exist, and its state tells that it was deleted", ["F6"], async (store) => {
      await grow(store, stream, 4);
      const { position, streams, repeated } = await deleteStream(store, stream, ExpectedVersion.exactly(3));
      assert.deepEqual({ position, streams: [...streams], repeated }, { position: null, streams: [], repeated: false });
      await assertReadsAsMissing(store, stream, "behind its deletion");
      await assertDeleted(store, 3);
    }),

    storeCase("a deleted stream that is written again goes on with its numbers, and hides what was deleted", ["F6"], async (store) => {
      await grow(store, stream, 4);
      await deleteStream(store, stream);
      const { version: last } = await store.append(stream, newEvents(3), { expectedVersion: "noStream" });
      assert.equal(last, 6, "Numbers must go on.");
      const read = async (options: object): Promise<readonly number[]> => versionsOf(await eventsOf(store.read({ stream }, options)));
      assert.deepEqual(await read({}), [4, 5, 6]);
      assert.deepEqual(await read({ maxBatchEvents: 2, from: { at: version(1) } }), [4, 5, 6]);
      assert.deepEqual(await read({ maxBatchEvents: 2, direction: "backwards" }), [6, 5, 4]);
      assert.deepEqual(await read({ direction: "backwards", from: { at: version(4) } }), [4]);
      assert.deepEqual(await read({ direction: "backwards", from: { at: version(3) } }), []);
      assert.deepEqual(await read({ limit: 2 }), [4, 5]);
      const { state, firstVersion, lastVersion } = await store.streamInfo(stream);
      assert.deepEqual({ state, firstVersion, lastVersion }, { state: "live", firstVersion: 4, lastVersion: 6 });
    }),

    storeCase("a stream that is deleted, written and deleted again hides both lives, and its numbers go on", ["F6"], async (store) => {
      for (const life of [0, 1, 2]) {
        const { version: last } = await store.append(stream, newEvents(2), { expectedVersion: "noStream" });
        assert.equal(last, 2 * life + 1);
        assert.deepEqual(versionsOf(await eventsOf(store.read({ stream }))), [2 * life, 2 * life + 1]);
        await deleteStream(store, stream, ExpectedVersion.exactly(last));
        await assertDeleted(store, last);
      }
    }),

    storeCase("who writes to a deleted stream must not believe that it exists", ["F7"], async (store) => {
      const events = await grow(store, stream, 4);
      await deleteStream(store, stream);
      for (const expected of ["exists", ExpectedVersion.exactly(3), ExpectedVersion.exactly(0)] as const) {
        await assertConflict(store.append(stream, newEvents(1), { expectedVersion: expected }), { stream, expected, actual: null });
      }
      await assertLog(store, events, "after conflicts with a deletion");
      const { version: next } = await store.append(stream, newEvents(1), { expectedVersion: "noStream" });
      const refused = store.append(stream, newEvents(1), { expectedVersion: "noStream" });
      await assertConflict(refused, { stream, expected: "noStream", actual: 4 });
      await store.append(stream, newEvents(1), { expectedVersion: ExpectedVersion.exactly(next) });
    }),

    storeCase("deleting with a wrong expected version is a conflict, and nothing is deleted", ["F7"], async (store) => {
      const events = await grow(store, stream, 3);
      for (const expected of ["noStream", ExpectedVersion.exactly(1), ExpectedVersion.exactly(3)] as const) {
        await assertConflict(deleteStream(store, stream, expected), { stream, expected, actual: 2 });
      }
      assert.deepEqual(idsOf(await eventsOf(store.read({ stream }))), idsOf(events));
      await deleteStream(store, stream, "exists");
      await assertDeleted(store, 2);
    }),

    storeCase("a stream that never was can be deleted by who does not believe that it exists, and stays missing", ["F7"], async (store) => {
      for (const expected of ["any", "noStream"] as const) await deleteStream(store, stream, expected);
      for (const expected of ["exists", ExpectedVersion.exactly(0)] as const) {
        await assertConflict(deleteStream(store, stream, expected), { stream, expected, actual: null });
      }
      const { state, lastVersion } = await store.streamInfo(stream);
      assert.deepEqual({ state, lastVersion }, { state: "missing", lastVersion: null });
      const { version: first, position } = await store.append(stream, newEvents(1), { expectedVersion: "noStream" });
      assert.deepEqual({ first, position }, { first: 0, position: 0 });
    }),

    storeCase("deleting again changes nothing", ["F7"], async (store) => {
      await grow(store, stream, 3);
      for (const expected of ["any", "any", "noStream"] as const) await deleteStream(store, stream, expected);
      for (const expected of ["exists", ExpectedVersion.exactly(2)] as const) {
        await assertConflict(deleteStream(store, stream, expected), { stream, expected, actual: null });
      }
      await assertDeleted(store, 2);
    }),

    storeCase("deleted events stay in the log, in their category and in their type", ["F6"], async (store) => {
      const [one] = await grow(store, stream, 1, { type: "Opened" });
      const [two] = await grow(store, "account-2", 1, { type: "Opened" });
      const [three] = await grow(store, stream, 1, { type: "Opened" });
      await deleteStream(store, stream);
      const ids = [one?.id, two?.id, three?.id];
      for (const source of [{ all: true }, { category: "account" }, { eventType: "Opened" }] as const) {
        assert.deepEqual(idsOf(await eventsOf(store.read(source))), ids, JSON.stringify(source));
        assert.deepEqual(idsOf(await eventsOf(store.read(source, { direction: "backwards" }))), ids.toReversed());
      }
      assert.deepEqual(versionsOf(await eventsOf(store.read({ stream: "account-2" }))), [0], "Other streams must stay.");
    }),

    storeCase("an append that is repeated is recognised although its stream was deleted", ["F6", "F15"], async (store) => {
      const events = newEvents(3);
      const first = await store.append(stream, events, { expectedVersion: "noStream" });
      await deleteStream(store, stream);
      const again = await store.append(stream, events, { expectedVersion: "noStream" });
      assert.deepEqual({ ...again }, { ...first, repeated: true });
      await assertDeleted(store, 2);
      const overlap = store.append(stream, [...events, newEvent()], { expectedVersion: "any" });
      await assertRefused(overlap, "event-already-recorded", "a partial repetition in a deleted stream");
      await assertLog(store, events, "after repetitions in a deleted stream");
    }),

    storeCase("a deletion under a name that no stream can have is refused", ["F7"], async (store) => {
      for (const name of ["$system", "$$account-1", "", " ", "a".repeat(513), "nul\0here"]) {
        await assertRefused(deleteStream(store, name), "invalid-write", `a deletion of ${JSON.stringify(name)}`);
      }
    }),

    ...requiring(
      ["severalItems"],
      [
        storeCase("a deletion and an append to another stream are done together", ["F5", "F6"], async (store) => {
          await grow(store, stream, 2);
          const append = appendTo("account-2", "noStream");
          const result = await store.write([removal(ExpectedVersion.exactly(1)), append]);
          assert.deepEqual(
            result.streams.map((one) => [one.stream, one.version, one.position]),
            [["account-2", 1, 3]],
          );
          await assertDeleted(store, 1);
          assert.deepEqual(idsOf(await eventsOf(store.read({ stream: "account-2" }))), idsOf(append.events));
        }),

        storeCase(
          "a conflict in an append leaves the stream of the same write undeleted, and the other way round",
          ["F5"],
          async (store) => {
            const events = await grow(store, stream, 2);
            const conflicts = [
              [removal("any"), appendTo("account-2", "exists")],
              [removal("noStream"), appendTo("account-2", "any")],
              [appendTo("account-2", "any"), removal(ExpectedVersion.exactly(0))],
            ];
            for (const items of conflicts) await assertRefused(store.write(items), "wrong-expected-version", "a write with a conflict");
            await assertLog(store, events, "after conflicts");
            assert.deepEqual(idsOf(await eventsOf(store.read({ stream }))), idsOf(events));
          },
        ),

        storeCase("a write that deletes a stream and appends to it is refused", ["F5"], async (store) => {
          const events = await grow(store, stream, 2);
          const write = store.write([removal("any"), appendTo(stream, "any")]);
          await assertRefused(write, "invalid-write", "a write that changes a stream twice");
          await assertLog(store, events, "after a refused write");
        }),
      ],
    ),

    ...requiring(
      ["snapshots"],
      [
        storeCase("deleting a stream removes the snapshot of its name, and no other", ["F6"], async (store) => {
          const content = { version: 1, schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}" };
          for (const name of [stream, "account-2"]) await store.write([{ kind: "snapshot", name, ...content }]);
          await grow(store, stream, 2);
          await deleteStream(store, stream);
          assert.equal(await store.snapshot(stream), undefined);
          assert.equal((await store.snapshot("account-2"))?.data, "{}");
          const both = store.write([{ kind: "snapshot", name: "account-2", ...content }, removal("any", "account-2")]);
          await assertRefused(both, "invalid-write", "a write that puts a snapshot and deletes its stream");
        }),
      ],
    ),
  ],
);

async function assertDeleted(store: EventStore, last: number): Promise<void> {
  const { state, lastVersion, firstVersion } = await store.streamInfo(stream);
  assert.deepEqual({ state, lastVersion, firstVersion }, { state: "deleted", lastVersion: last, firstVersion: null });
}

function removal(expectedVersion: ExpectedVersion, of: string = stream): DeleteItem {
  return { kind: "delete", stream: of, expectedVersion };
}

function appendTo(to: string, expectedVersion: ExpectedVersion): AppendItem {
  return { kind: "append", stream: to, events: newEvents(2), expectedVersion };
}
