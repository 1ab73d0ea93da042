import assert from "node:assert/strict";
import { position, version } from "@reactive-domain/core";
import type { EventStore, ReadOptions } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { fill, grow } from "./new-event.ts";
import { batchesOf, eventsOf, firstBatchOf, idsOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";
import { deleteStream, describeStream } from "./stream-changes.ts";

/** Positions of what is kept, among others of what goes: at the start, one and several in between, and at the end. */
const KEPT = [2, 3, 5, 9];
const COUNT = 12;
const SOURCES = [{ all: true }, { category: "account" }, { eventType: "Deposited" }] as const;
const DIRECTIONS = ["forwards", "backwards"] as const;

/** A log with holes where events were removed. */
export const holeCases: readonly ConformanceCase[] = requiring(
  ["scavenge", "softDelete"],
  [
    storeCase("every source is read over holes, in both directions, page by page, to an end", ["F1", "F2", "F13"], async (store) => {
      await makeHoles(store);
      for (const source of SOURCES) {
        for (const direction of DIRECTIONS) {
          for (const maxBatchEvents of [1, 2, 3, 4, 250]) {
            const what = `${JSON.stringify(source)} ${direction} by ${maxBatchEvents}`;
            const batches = await batchesOf(store.read(source, { direction, maxBatchEvents }));
            assert.deepEqual(positionsOf(batches.flatMap(({ events }) => events)), inOrder(KEPT, direction), what);
            assert.equal(
              batches.findIndex(({ isEnd }) => isEnd),
              batches.length - 1,
              `Only the last batch is the end: ${what}.`,
            );
          }
        }
      }
    }),

    storeCase("a read may begin and end within a hole", ["F1", "F2", "F13"], async (store) => {
      await makeHoles(store);
      for (const place of numbersBelow(COUNT + 2)) {
        for (const direction of DIRECTIONS) {
          const read = async (options: ReadOptions<never>): Promise<readonly number[]> =>
            positionsOf(await eventsOf(store.read({ all: true }, { direction, maxBatchEvents: 2, ...options })));
          const at = { at: position(place) as never };
          const isBehind = (one: number): boolean => (direction === "forwards" ? one >= place : one <= place);
          const behind = inOrder(KEPT.filter(isBehind), direction);
          assert.deepEqual(await read({ from: at }), behind, `${direction} at ${place}`);
          assert.deepEqual(await read({ from: at, limit: 1 }), behind.slice(0, 1), `${direction} at ${place}, one`);
          const after = behind.filter((one) => one !== place);
          assert.deepEqual(await read({ from: { after: position(place) as never } }), after, `${direction} after ${place}`);
          const upTo = inOrder(
            KEPT.filter((one) => one <= place),
            direction,
          );
          assert.deepEqual(await read({ upTo: { position: position(place) } }), upTo, `${direction} up to ${place}`);
        }
      }
    }),

    storeCase(
      "who reads on at the place that a batch tells passes over holes, and sees each event once",
      ["F1", "F2", "F13"],
      async (store) => {
        await makeHoles(store);
        for (const source of SOURCES) {
          for (const direction of DIRECTIONS) {
            const seen: number[] = [];
            let from: ReadOptions<never>["from"] = direction === "forwards" ? "start" : "end";
            for (let page = 0; page <= COUNT; page++) {
              const { events, next, isEnd } = await firstBatchOf(store.read(source, { direction, from, limit: 1 }));
              seen.push(...positionsOf(events));
              if (isEnd || next === null) break;
              from = { at: position(next) as never };
            }
            assert.deepEqual(seen, inOrder(KEPT, direction), `${JSON.stringify(source)} ${direction}`);
          }
        }
      },
    ),

    storeCase("a filter is read over holes", ["F1", "F2", "F13"], async (store) => {
      await makeHoles(store);
      for (const direction of DIRECTIONS) {
        const wanted = await eventsOf(store.read({ all: true }, { direction, maxBatchEvents: 1, filter: { streamPrefix: "account-k" } }));
        assert.deepEqual(positionsOf(wanted), inOrder(KEPT, direction));
        const gone = await eventsOf(store.read({ all: true }, { direction, maxBatchEvents: 1, filter: { streamPrefix: "account-g" } }));
        assert.deepEqual(gone, []);
      }
    }),

    storeCase("subscriptions pass over holes: they lose and repeat nothing, and become live once", ["F9", "F13"], async (store) => {
      await makeHoles(store);
      const followers = SOURCES.flatMap((source) =>
        [1, 2, 250].map((maxBatchEvents) => new Follower(store.subscribe(source, { maxBatchEvents }))),
      );
      for (const follower of followers) await follower.untilLive();
      const later = await grow(store, "account-kept", 3, { type: "Deposited" });
      for (const follower of followers) {
        await follower.untilEvent(later[2] ?? assert.fail());
        assert.deepEqual(positionsOf(follower.events), [...KEPT, COUNT, COUNT + 1, COUNT + 2]);
        assert.deepEqual(follower.liveAfter, [KEPT.length]);
      }
    }),

    storeCase("a subscription goes on behind a place whose event was removed, also the last of the log", ["F9", "F13"], async (store) => {
      await makeHoles(store);
      const followers = numbersBelow(COUNT).map((place) => ({
        place,
        follower: new Follower(store.subscribe({ all: true }, { from: { after: position(place) } })),
      }));
      for (const { follower } of followers) await follower.untilLive();
      const later = await grow(store, "account-kept", 1);
      for (const { place, follower } of followers) {
        await follower.untilEvent(later[0] ?? assert.fail());
        assert.deepEqual(positionsOf(follower.events), [...KEPT.filter((one) => one > place), COUNT], `Behind ${place}.`);
      }
    }),

    storeCase("a subscription that is amid the log when holes come about gives all that is left", ["F9", "F13"], async (store) => {
      await fillLog(store);
      const log = await logOf(store);
      const follower = new Follower(store.subscribe({ all: true }, { maxBatchEvents: 1 }));
      await follower.untilEvents(3);
      await removeGone(store);
      const later = await grow(store, "account-kept", 1);
      await follower.untilEvent(later[0] ?? assert.fail());
      const ids = idsOf(follower.events);
      assert.deepEqual([...new Set(ids)], ids, "Nothing must come twice.");
      const kept = [...idsOf(log.filter((event) => KEPT.includes(event.position))), later[0]?.id];
      assert.deepEqual(
        ids.filter((id) => kept.includes(id)),
        kept,
      );
    }),

    ...requiring(
      ["streamMetadata"],
      [
        storeCase("a stream whose beginning was removed is read and followed from any place", ["F1", "F2", "F9"], async (store) => {
          const stream = "account-1";
          await grow(store, stream, 10);
          await describeStream(store, stream, { maxCount: 4 });
          await store.scavenge();
          const left = [6, 7, 8, 9];
          for (const place of numbersBelow(11)) {
            const from = { at: version(place) };
            for (const direction of DIRECTIONS) {
              const expected = inOrder(
                left.filter((one) => (direction === "forwards" ? one >= place : one <= place)),
                direction,
              );
              const events = await eventsOf(store.read({ stream }, { from, direction, maxBatchEvents: 3 }));
              assert.deepEqual(versionsOf(events), expected, `${direction} at ${place}`);
            }
            const follower = new Follower(store.subscribe({ stream }, { from: { after: version(place) }, maxBatchEvents: 3 }));
            await follower.untilLive();
            assert.deepEqual(
              versionsOf(follower.events),
              left.filter((one) => one > place),
              `A subscription behind ${place}.`,
            );
            await follower.subscription.close();
          }
        }),
      ],
    ),
  ],
);

function inOrder(positions: readonly number[], direction: "forwards" | "backwards"): readonly number[] {
  return direction === "forwards" ? positions : positions.toReversed();
}

async function makeHoles(store: EventStore): Promise<void> {
  await fillLog(store);
  await removeGone(store);
}

async function fillLog(store: EventStore): Promise<void> {
  await fill(
    store,
    numbersBelow(COUNT).map((place) => [KEPT.includes(place) ? "account-kept" : "account-gone", "Deposited"] as const),
  );
}

async function removeGone(store: EventStore): Promise<void> {
  await deleteStream(store, "account-gone");
  await store.scavenge();
}
