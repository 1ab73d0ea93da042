import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { assertLog, eventsOf, idsOf } from "./reading.ts";
import { assertConflict, assertRefused } from "./refusal.ts";
import { assertReadsAsMissing, deleteStream, tombstoneStream } from "./stream-changes.ts";

const stream = "account-1";

/** Deleting a stream for ever. */
export const tombstoneCases: readonly ConformanceCase[] = requiring(
  ["tombstones"],
  [
    storeCase("a stream that was deleted for ever refuses to be written, whatever its writer believes", ["F7"], async (store) => {
      const events = await grow(store, stream, 3);
      const { position, streams } = await tombstoneStream(store, stream, ExpectedVersion.exactly(2));
      assert.deepEqual({ position, streams: [...streams] }, { position: null, streams: [] });
      await assertBarred(store, 2);
      await assertLog(store, events, "after writes to a stream that was deleted for ever");
      await grow(store, "account-2", 1);
    }),

    storeCase("a stream that was deleted for ever reads as if it did not exist", ["F6"], async (store) => {
      const events = await grow(store, stream, 3);
      await tombstoneStream(store, stream);
      await assertReadsAsMissing(store, stream, "behind its end");
      for (const source of [{ all: true }, { category: "account" }, { eventType: "AmountDeposited" }] as const) {
        assert.deepEqual(idsOf(await eventsOf(store.read(source))), idsOf(events), "The log keeps the events.");
      }
      const follower = new Follower(store.subscribe({ stream }));
      await follower.untilLive();
      assert.deepEqual(follower.events, []);
    }),

    storeCase("deleting for ever again changes nothing", ["F7"], async (store) => {
      await grow(store, stream, 3);
      for (let time = 0; time < 3; time++) await tombstoneStream(store, stream);
      await assertBarred(store, 2);
    }),

    storeCase("a stream that never was can be deleted for ever: its name is barred", ["F7"], async (store) => {
      for (const expected of ["exists", ExpectedVersion.exactly(0)] as const) {
        await assertConflict(tombstoneStream(store, stream, expected), { stream, expected, actual: null });
      }
      await tombstoneStream(store, stream, "noStream");
      await assertBarred(store, null);
      await assertLog(store, [], "of which nothing was written");
    }),

    storeCase("deleting for ever with a wrong expected version is a conflict, and the stream lives on", ["F7"], async (store) => {
      await grow(store, stream, 3);
      for (const expected of ["noStream", ExpectedVersion.exactly(1)] as const) {
        await assertConflict(tombstoneStream(store, stream, expected), { stream, expected, actual: 2 });
      }
      assert.equal((await store.streamInfo(stream)).state, "live");
      await store.append(stream, newEvents(1), { expectedVersion: ExpectedVersion.exactly(2) });
    }),

    storeCase("an append that is repeated is recognised although its stream was deleted for ever", ["F15"], async (store) => {
      const events = newEvents(2);
      const first = await store.append(stream, events, { expectedVersion: "noStream" });
      await tombstoneStream(store, stream);
      const again = await store.append(stream, events, { expectedVersion: "noStream" });
      assert.deepEqual({ ...again }, { ...first, repeated: true });
      await assertBarred(store, 1);
    }),

    storeCase("a deletion for ever under a name that no stream can have is refused", ["F7"], async (store) => {
      for (const name of ["$system", "", " ", "a".repeat(513)]) {
        await assertRefused(tombstoneStream(store, name), "invalid-write", `a deletion for ever of ${JSON.stringify(name)}`);
      }
    }),

    ...requiring(
      ["softDelete"],
      [
        storeCase(
          "a stream that was deleted for ever cannot be deleted, and a deleted one can be deleted for ever",
          ["F7"],
          async (store) => {
            await grow(store, stream, 3);
            await deleteStream(store, stream);
            await assertConflict(tombstoneStream(store, stream, "exists"), { stream, expected: "exists", actual: null });
            await tombstoneStream(store, stream, "noStream");
            await assertBarred(store, 2);
            for (const expected of ["any", "noStream", "exists"] as const) {
              await assertRefused(deleteStream(store, stream, expected), "stream-tombstoned", "a deletion behind one for ever");
            }
          },
        ),
      ],
    ),

    ...requiring(
      ["severalItems"],
      [
        storeCase("a write of which one stream was deleted for ever writes to none", ["F5"], async (store) => {
          await tombstoneStream(store, stream);
          const items = [stream, "account-2"].map(
            (to) => ({ kind: "append", stream: to, expectedVersion: "any", events: [newEvent()] }) as const,
          );
          for (const write of [items, items.toReversed()]) {
            await assertRefused(store.write(write), "stream-tombstoned", "a write to a stream that was deleted for ever");
          }
          await assertLog(store, [], "after refused writes");
        }),
      ],
    ),
  ],
);

/** Asserts that nothing can be appended, and that the state tells why. */
async function assertBarred(store: EventStore, last: number | null): Promise<void> {
  for (const expectedVersion of ["any", "noStream", "exists", ExpectedVersion.exactly(last ?? 0)] as const) {
    const append = store.append(stream, newEvents(2), { expectedVersion });
    await assertRefused(append, "stream-tombstoned", `an append with expected version ${expectedVersion}`);
  }
  const { state, lastVersion, firstVersion } = await store.streamInfo(stream);
  assert.deepEqual({ state, lastVersion, firstVersion }, { state: "tombstoned", lastVersion: last, firstVersion: null });
}
