import assert from "node:assert/strict";
import { ExpectedVersion, version } from "@reactive-domain/core";
import type { EventStore, ReadOptions, StreamMetadata } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { until } from "./deadline.ts";
import { Follower } from "./follower.ts";
import { grow, newEvents } from "./new-event.ts";
import { batchesOf, eventsOf, idsOf, numbersBelow, versionsOf } from "./reading.ts";
import { assertConflict } from "./refusal.ts";
import { describeStream } from "./stream-changes.ts";

const stream = "account-1";
const COUNT = 10;
/** Longer than any case takes. */
const LONG_MS = 60_000;
const SHORT_MS = 50;

/** Events that metadata hides: too many, too old, or before a version. */
export const hiddenEventCases: readonly ConformanceCase[] = requiring(
  ["streamMetadata"],
  [
    storeCase("maxCount shows the last events of a stream, exactly as many, also when more come", ["F1", "F2"], async (store) => {
      await grow(store, stream, COUNT);
      for (const maxCount of [1, 2, COUNT - 1, COUNT, COUNT + 1, 3]) {
        await describeStream(store, stream, { maxCount });
        await assertShows(store, numbersBelow(COUNT).slice(-maxCount), `of ${COUNT} with maxCount ${maxCount}`);
      }
      for (const count of [1, 2, 5]) {
        await grow(store, stream, count);
        const { lastVersion } = await store.streamInfo(stream);
        await assertShows(store, numbersBelow((lastVersion ?? 0) + 1).slice(-3), `behind ${count} more`);
      }
    }),

    storeCase("truncateBefore hides the events before a version, also those that are yet to come", ["F1", "F2"], async (store) => {
      await grow(store, stream, COUNT);
      for (const first of [0, 1, COUNT - 1, COUNT, COUNT + 3]) {
        await describeStream(store, stream, { truncateBefore: version(first) });
        await assertShows(store, numbersBelow(COUNT).slice(first), `truncated before ${first}`);
      }
      await grow(store, stream, 2);
      await assertShows(store, [], "that has not reached the version");
      await grow(store, stream, 3);
      await assertShows(store, [COUNT + 3, COUNT + 4], "that has passed the version");
    }),

    storeCase("maxAgeMs hides events when they are older, the oldest first, and not before", ["F1", "F2"], async (store) => {
      await grow(store, stream, 2);
      await describeStream(store, stream, { maxAgeMs: LONG_MS });
      await assertShows(store, [0, 1], "whose events are young");
      await describeStream(store, stream, { maxAgeMs: SHORT_MS });
      await until(async () => (await shown(store)).length === 0, "The hour of events that grow old");
      await grow(store, stream, 2);
      await until(async () => {
        const versions = await shown(store);
        assert.deepEqual(versions, [2, 3].slice(2 - versions.length), "What is shown must be the end of the stream.");
        return versions.length === 0;
      }, "The hour of later events that grow old");
      await assertShows(store, [], "whose events are old");
      await describeStream(store, stream, { maxAgeMs: LONG_MS });
      await assertShows(store, [0, 1, 2, 3], "whose events are young again");
    }),

    storeCase("of several limits the strictest counts", ["F1", "F2"], async (store) => {
      await grow(store, stream, COUNT);
      const told: readonly (readonly [metadata: StreamMetadata, first: number])[] = [
        [{ maxCount: 4, truncateBefore: version(3) }, 6],
        [{ maxCount: 8, truncateBefore: version(5) }, 5],
        [{ maxCount: 5, truncateBefore: version(5), maxAgeMs: LONG_MS }, 5],
        [{ maxCount: 1, maxAgeMs: LONG_MS }, 9],
      ];
      for (const [metadata, first] of told) {
        await describeStream(store, stream, metadata);
        await assertShows(store, numbersBelow(COUNT).slice(first), JSON.stringify(metadata));
      }
      await describeStream(store, stream, { maxCount: 8, truncateBefore: version(1), maxAgeMs: 1 });
      await until(async () => (await shown(store)).length === 0, "The hour of events that grow old");
    }),

    storeCase("metadata hides events of a stream that did not exist when it was said", ["F1"], async (store) => {
      await describeStream(store, stream, { maxCount: 2 });
      await assertShows(store, [], "that does not exist");
      await grow(store, stream, 1);
      await assertShows(store, [0], "of one event");
      await grow(store, stream, 4);
      await assertShows(store, [3, 4], "of five events");
    }),

    storeCase("events are shown again when nothing is said any more", ["F1", "F2"], async (store) => {
      await grow(store, stream, 4);
      for (const metadata of [{ maxCount: 1 }, { truncateBefore: version(9) }]) {
        await describeStream(store, stream, metadata);
        await describeStream(store, stream, {});
        await assertShows(store, [0, 1, 2, 3], "of which nothing is said");
      }
    }),

    storeCase("a stream with hidden events is read from any place, also from one that is hidden", ["F1", "F2"], async (store) => {
      await grow(store, stream, COUNT);
      await describeStream(store, stream, { truncateBefore: version(4) });
      for (const place of numbersBelow(COUNT + 2)) {
        for (const limit of [1, 3, COUNT]) {
          const read = (options: ReadOptions): Promise<readonly number[]> => readVersions(store, { limit, maxBatchEvents: 2, ...options });
          const [visible, what] = [[4, 5, 6, 7, 8, 9], `at ${place}, limit ${limit}`];
          const before = visible.filter((one) => one <= place).toReversed();
          const behind = visible.filter((one) => one >= place);
          assert.deepEqual(await read({ from: { at: version(place) } }), behind.slice(0, limit), what);
          assert.deepEqual(await read({ from: { at: version(place) }, direction: "backwards" }), before.slice(0, limit), what);
        }
      }
    }),

    storeCase(
      "a stream all of whose events are hidden exists: its reads and its state tell its last version",
      ["F1", "F2"],
      async (store) => {
        await grow(store, stream, 3);
        await describeStream(store, stream, { truncateBefore: version(3) });
        for (const direction of ["forwards", "backwards"] as const) {
          const batches = await batchesOf(store.read({ stream }, { direction }));
          assert.deepEqual(
            batches.map(({ events, isEnd, lastVersion }) => [events.length, isEnd, lastVersion]),
            [[0, true, 2]],
          );
        }
        const { state, lastVersion, firstVersion } = await store.streamInfo(stream);
        assert.deepEqual({ state, lastVersion, firstVersion }, { state: "live", lastVersion: 2, firstVersion: null });
      },
    ),

    storeCase("the log, its categories and its types show what is hidden in a stream", ["F1", "F2"], async (store) => {
      const events = await grow(store, stream, 4, { type: "Opened" });
      await describeStream(store, stream, { maxCount: 1 });
      for (const source of [{ all: true }, { category: "account" }, { eventType: "Opened" }] as const) {
        assert.deepEqual(idsOf(await eventsOf(store.read(source))), idsOf(events), JSON.stringify(source));
        assert.deepEqual(idsOf(await eventsOf(store.read(source, { direction: "backwards" }))), idsOf(events.toReversed()));
      }
    }),

    storeCase("hidden events count for expected versions, and are recognised when they are repeated", ["F4", "F15"], async (store) => {
      const events = newEvents(5);
      const first = await store.append(stream, events, { expectedVersion: "noStream" });
      await describeStream(store, stream, { truncateBefore: version(5) });
      for (const expected of ["noStream", ExpectedVersion.exactly(0), ExpectedVersion.exactly(5)] as const) {
        await assertConflict(store.append(stream, newEvents(1), { expectedVersion: expected }), { stream, expected, actual: 4 });
      }
      const again = await store.append(stream, events, { expectedVersion: "noStream" });
      assert.deepEqual({ ...again }, { ...first, repeated: true });
      await store.append(stream, newEvents(1), { expectedVersion: ExpectedVersion.exactly(4) });
      await store.append(stream, newEvents(1), { expectedVersion: "exists" });
      await assertShows(store, [5, 6], "that was written with expected versions");
    }),

    storeCase("a subscription to a stream begins with what is shown, and gives what comes later", ["F9"], async (store) => {
      await grow(store, stream, 5);
      await describeStream(store, stream, { maxCount: 2 });
      const follower = new Follower(store.subscribe({ stream }, { maxBatchEvents: 1 }));
      await follower.untilLive();
      for (const next of [3, 4, 5]) {
        await grow(store, stream, 1);
        await follower.untilEvents(next);
      }
      assert.deepEqual([versionsOf(follower.events), follower.liveAfter], [[3, 4, 5, 6, 7], [2]]);
    }),
  ],
);

async function readVersions(store: EventStore, options: ReadOptions = {}): Promise<readonly number[]> {
  return versionsOf(await eventsOf(store.read({ stream }, options as ReadOptions<never>)));
}

const shown = (store: EventStore): Promise<readonly number[]> => readVersions(store);

/** Asserts that a stream shows these versions, whichever way and in whatever steps it is read, and that its state tells the first. */
async function assertShows(store: EventStore, versions: readonly number[], what: string): Promise<void> {
  for (const maxBatchEvents of [1, 2, 250]) {
    assert.deepEqual(await readVersions(store, { maxBatchEvents }), versions, `A stream ${what}.`);
    const backwards = await readVersions(store, { maxBatchEvents, direction: "backwards" });
    assert.deepEqual(backwards, versions.toReversed(), `A stream ${what}, backwards.`);
  }
  assert.equal((await store.streamInfo(stream)).firstVersion, versions[0] ?? null, `The first version of a stream ${what}.`);
}
