import assert from "node:assert/strict";
import { ExpectedVersion, version } from "@reactive-domain/core";
import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime, until } from "./deadline.ts";
import { Follower } from "./follower.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { eventsOf, idsOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";
import { deleteStream, describeStream, tombstoneStream } from "./stream-changes.ts";

const stream = "account-1";

const plain = (events: readonly RecordedEvent[]): readonly unknown[] => events.map((event) => event.toJSON());

async function scavenged(store: EventStore): Promise<{ readonly events: number; readonly bytes: number }> {
  return { ...(await inTime(store.scavenge(), "The end of a scavenge")) };
}

/** Asserts that a scavenge leaves of the log what is not hidden, as it was. */
async function assertLeaves(store: EventStore, isHidden: (event: RecordedEvent) => boolean): Promise<void> {
  const before = await logOf(store);
  const { events } = await scavenged(store);
  assert.deepEqual(plain(await logOf(store)), plain(before.filter((event) => !isHidden(event))));
  assert.equal(events, before.filter(isHidden).length);
  assert.deepEqual(await scavenged(store), { events: 0, bytes: 0 }, "What was removed cannot be removed again.");
}

const withDeletion = requiring(
  ["softDelete"],
  [
    storeCase("a scavenge removes the events of deleted streams, and nothing else changes", ["F6", "F13"], async (store) => {
      for (const turn of numbersBelow(12)) await grow(store, `account-${turn % 3}`, 1 + (turn % 2));
      await deleteStream(store, stream);
      await grow(store, stream, 2);
      await deleteStream(store, "account-2");
      const kept = await eventsOf(store.read({ stream }));
      await assertLeaves(store, (event) => event.stream === "account-2" || (event.stream === stream && event.version < 6));
      assert.deepEqual(plain(await eventsOf(store.read({ stream }))), plain(kept));
      const { state, firstVersion, lastVersion } = await store.streamInfo("account-2");
      assert.deepEqual({ state, firstVersion, lastVersion }, { state: "deleted", firstVersion: null, lastVersion: 5 });
    }),

    storeCase(
      "versions and positions go on behind what a scavenge removed, also behind the last event of the log",
      ["F13"],
      async (store) => {
        await grow(store, "account-2", 2);
        await grow(store, stream, 3);
        await deleteStream(store, stream);
        assert.equal((await scavenged(store)).events, 3);
        assert.deepEqual(positionsOf(await logOf(store)), [0, 1]);
        const { position, version: next } = await store.append(stream, newEvents(1), { expectedVersion: "noStream" });
        assert.deepEqual({ position, next }, { position: 5, next: 3 }, "Numbers must never be given again.");
        assert.deepEqual(positionsOf(await logOf(store)), [0, 1, 5]);
      },
    ),

    storeCase("a log from which a scavenge removed everything is read as an empty one, and its positions go on", ["F13"], async (store) => {
      await grow(store, stream, 3);
      await deleteStream(store, stream);
      await scavenged(store);
      for (const source of [{ all: true }, { category: "account" }, { stream }] as const) {
        for (const direction of ["forwards", "backwards"] as const) {
          assert.deepEqual(await eventsOf(store.read(source, { direction })), []);
        }
      }
      const events = await grow(store, "account-2", 1);
      const log = await logOf(store);
      assert.deepEqual([idsOf(log), positionsOf(log)], [idsOf(events), [3]]);
    }),

    storeCase("a scavenge forgets the ids of what it removes: written again, they are new", ["F15"], async (store) => {
      const events = newEvents(3);
      await store.append(stream, events, { expectedVersion: "noStream" });
      await grow(store, "account-2", 1);
      await deleteStream(store, stream);
      await scavenged(store);
      const again = await store.append(stream, events, { expectedVersion: "noStream" });
      assert.deepEqual({ ...again }, { stream, version: 5, position: 6, repeated: false });
      const repeated = await store.append(stream, events, { expectedVersion: "noStream" });
      assert.deepEqual({ ...repeated }, { ...again, repeated: true });
    }),

    storeCase("a scavenge tells how many events it removed, and their bytes", [], async (store) => {
      const [data, metadata] = ['{"name":"Größe 😀"}', '{"a":"é"}'];
      const bytes = new Uint8Array(7);
      await store.append(
        stream,
        [newEvent({ data, metadata }), newEvent({ contentType: "application/octet-stream", data: bytes, metadata: "{}" })],
        {
          expectedVersion: "any",
        },
      );
      await grow(store, "account-2", 3);
      await deleteStream(store, stream);
      const size = Buffer.byteLength(data) + Buffer.byteLength(metadata) + bytes.length + 2;
      assert.deepEqual(await scavenged(store), { events: 2, bytes: size });
    }),
  ],
);

const withMetadata = requiring(
  ["streamMetadata"],
  [
    storeCase("a scavenge removes what maxCount and truncateBefore hide, and no event more", ["F13"], async (store) => {
      for (const turn of numbersBelow(15)) await grow(store, `account-${turn % 3}`, 1);
      await describeStream(store, "account-0", { maxCount: 2, custom: { owner: "Ada" } });
      await describeStream(store, stream, { truncateBefore: version(1) });
      await assertLeaves(
        store,
        (event) => (event.stream === "account-0" && event.version < 3) || (event.stream === stream && event.version < 1),
      );
      assert.deepEqual((await store.streamInfo("account-0")).metadata, { maxCount: 2, custom: { owner: "Ada" } });
      await describeStream(store, "account-0", {});
      assert.deepEqual(versionsOf(await eventsOf(store.read({ stream: "account-0" }))), [3, 4], "What was removed does not come back.");
    }),

    storeCase("a scavenge removes what is too old", [], async (store) => {
      await grow(store, stream, 2);
      const kept = await grow(store, "account-2", 1);
      await describeStream(store, stream, { maxAgeMs: 50 });
      await describeStream(store, "account-2", { maxAgeMs: 60_000 });
      await until(async () => (await eventsOf(store.read({ stream }))).length === 0, "The hour of events that grow old");
      assert.equal((await scavenged(store)).events, 2);
      assert.deepEqual(idsOf(await logOf(store)), idsOf(kept));
    }),

    storeCase("a stream that a scavenge emptied exists, at its version", ["F4", "F13"], async (store) => {
      await grow(store, stream, 3);
      await describeStream(store, stream, { truncateBefore: version(3) });
      await scavenged(store);
      const { state, firstVersion, lastVersion } = await store.streamInfo(stream);
      assert.deepEqual({ state, firstVersion, lastVersion }, { state: "live", firstVersion: null, lastVersion: 2 });
      const { version: next, position } = await store.append(stream, newEvents(1), { expectedVersion: ExpectedVersion.exactly(2) });
      assert.deepEqual({ next, position }, { next: 3, position: 3 });
    }),

    storeCase(
      "a scavenge amid writers and a subscription loses nothing that is shown, and repeats nothing",
      ["F8", "F13"],
      async (store) => {
        await describeStream(store, stream, { maxCount: 2 });
        const follower = new Follower(store.subscribe({ category: "order" }, { maxBatchEvents: 3 }));
        const writers = [stream, "order-1", "order-2"].map(async (to) => {
          for (let turn = 0; turn < 15; turn++) await grow(store, to, 1 + (turn % 2));
        });
        const scavenger = async (): Promise<void> => {
          for (let turn = 0; turn < 5; turn++) await scavenged(store);
        };
        await inTime(Promise.all([...writers, scavenger(), follower.untilEvents(44)]), "The outcome of writers beside a scavenge");
        await scavenged(store);
        const log = await logOf(store);
        const orders = log.filter((event) => event.stream !== stream);
        assert.deepEqual(idsOf(follower.events), idsOf(orders));
        for (const order of ["order-1", "order-2"]) {
          assert.deepEqual(versionsOf(orders.filter((event) => event.stream === order)), numbersBelow(22));
        }
        assert.deepEqual(versionsOf(log.filter((event) => event.stream === stream)), [20, 21]);
        assert.deepEqual(new Set(positionsOf(log)).size, log.length);
      },
    ),
  ],
);

/** Removing for good what is hidden. */
export const scavengeCases: readonly ConformanceCase[] = requiring(
  ["scavenge"],
  [
    storeCase("a scavenge that finds nothing removes nothing, and tells so", [], async (store) => {
      assert.deepEqual(await scavenged(store), { events: 0, bytes: 0 });
      const events = await grow(store, stream, 3);
      assert.deepEqual(await scavenged(store), { events: 0, bytes: 0 });
      assert.deepEqual(idsOf(await logOf(store)), idsOf(events));
    }),

    storeCase("a scavenge ends with its signal before it begins, and is refused by a closed store", ["I4"], async (store) => {
      const reason = new Error("enough");
      await assert.rejects(store.scavenge({ signal: AbortSignal.abort(reason) }), reason);
      await store.close();
      await assertRefused(store.scavenge(), "already-closed", "a scavenge of a closed store");
    }),

    ...withDeletion,
    ...withMetadata,

    ...requiring(
      ["tombstones"],
      [
        storeCase("a scavenge removes the events of a stream that was deleted for ever, which stays barred", ["F7"], async (store) => {
          await grow(store, stream, 2);
          const kept = await grow(store, "account-2", 1);
          await tombstoneStream(store, stream);
          assert.equal((await scavenged(store)).events, 2);
          assert.deepEqual(idsOf(await logOf(store)), idsOf(kept));
          const append = store.append(stream, newEvents(1), { expectedVersion: "any" });
          await assertRefused(append, "stream-tombstoned", "an append behind a scavenge");
          const { state, lastVersion } = await store.streamInfo(stream);
          assert.deepEqual({ state, lastVersion }, { state: "tombstoned", lastVersion: 1 });
        }),
      ],
    ),
  ],
);
