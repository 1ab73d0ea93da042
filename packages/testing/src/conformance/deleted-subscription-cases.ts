import assert from "node:assert/strict";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { grow } from "./new-event.ts";
import { idsOf, numbersBelow, versionsOf } from "./reading.ts";
import { deleteStream } from "./stream-changes.ts";

const stream = "account-1";

/** Subscriptions to a stream that is deleted. */
export const deletedSubscriptionCases: readonly ConformanceCase[] = requiring(
  ["softDelete"],
  [
    storeCase("a subscription to a stream goes on when the stream is deleted and written again", ["F6", "F9"], async (store) => {
      await grow(store, stream, 3);
      const follower = new Follower(store.subscribe({ stream }, { maxBatchEvents: 2 }));
      await follower.untilLive();
      for (const life of [1, 2]) {
        await deleteStream(store, stream);
        await grow(store, stream, 3);
        await follower.untilEvents(3 * (life + 1));
      }
      assert.deepEqual(versionsOf(follower.events), numbersBelow(9));
      assert.deepEqual(follower.liveAfter, [3]);
    }),

    storeCase(
      "a subscription to a deleted stream becomes live without events and gives what is written later",
      ["F6", "F9"],
      async (store) => {
        await grow(store, stream, 3);
        await deleteStream(store, stream);
        const followers = (["start", "end"] as const).map((from) => new Follower(store.subscribe({ stream }, { from })));
        for (const follower of followers) await follower.untilLive();
        const events = await grow(store, stream, 2);
        for (const follower of followers) {
          await follower.untilEvents(2);
          assert.deepEqual(idsOf(follower.events), idsOf(events));
          assert.deepEqual([versionsOf(follower.events), follower.liveAfter], [[3, 4], [0]]);
        }
      },
    ),

    storeCase(
      "a subscription that is amid a stream when it is deleted loses and repeats nothing of its next life",
      ["F6", "F9"],
      async (store) => {
        await grow(store, stream, 6);
        const follower = new Follower(store.subscribe({ stream }, { maxBatchEvents: 2 }));
        await follower.untilEvents(2);
        await deleteStream(store, stream);
        const events = await grow(store, stream, 3);
        await follower.untilEvent(events[2] ?? assert.fail());
        const versions = versionsOf(follower.events);
        assert.deepEqual(versions.slice(-3), [6, 7, 8]);
        assert.deepEqual(
          versions,
          [...new Set(versions)].toSorted((one, other) => one - other),
        );
      },
    ),

    storeCase("a subscription to the log gives deleted events too", ["F6", "F9"], async (store) => {
      const deleted = await grow(store, stream, 3);
      await deleteStream(store, stream);
      const later = await grow(store, stream, 2);
      const follower = new Follower(store.subscribe({ category: "account" }));
      await follower.untilLive();
      assert.deepEqual(idsOf(follower.events), idsOf([...deleted, ...later]));
    }),
  ],
);
