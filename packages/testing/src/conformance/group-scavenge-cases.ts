import assert from "node:assert/strict";
import { sleep } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { claim, GROUP, makeGroup, placesOf, settle, WAIT_MS } from "./group-work.ts";
import { grow } from "./new-event.ts";

/** Groups over a log from which events go. */
export const groupScavengeCases: readonly ConformanceCase[] = [
  ...requiring(
    ["consumerGroups", "scavenge", "softDelete"],
    [
      storeCase("what was scavenged before a group came to it is not delivered", [], async (store) => {
        await grow(store, "account-1", 2);
        await grow(store, "account-2", 2);
        await makeGroup(store);
        await remove(store, "account-1");
        await grow(store, "account-1", 1);
        assert.deepEqual(placesOf(await claim(store)), [2, 3, 4]);
      }),

      storeCase("what was scavenged while it waited or was parked is not delivered, and blocks nothing", [], async (store) => {
        await grow(store, "account-1", 3);
        await grow(store, "account-2", 1);
        await makeGroup(store);
        await settle(store, await claim(store, { maxEvents: 1 }), "park");
        assert.deepEqual(placesOf(await claim(store)), [3]);
        await remove(store, "account-1");
        assert.deepEqual(await store.groups.parked(GROUP), []);
        assert.equal(await store.groups.replayParked(GROUP), 0);
        await grow(store, "account-1", 1);
        assert.deepEqual(placesOf(await claim(store)), [4]);
      }),
    ],
  ),

  ...requiring(
    ["consumerGroups", "scavenge", "streamMetadata"],
    [
      storeCase("a scavenge that takes what others waited for wakes a waiting claim", [], async (store) => {
        await grow(store, "account-1", 2);
        await makeGroup(store);
        await settle(store, await claim(store, { maxEvents: 1 }), "park");
        await store.write([{ kind: "metadata", stream: "account-1", metadata: { maxCount: 1 } }]);
        const claimed = claim(store, { waitMs: WAIT_MS });
        await sleep(30);
        const scavenged = Promise.race([claimed, sleep(WAIT_MS / 2)]);
        await store.scavenge();
        assert.deepEqual(placesOf((await scavenged) ?? []), [1]);
      }),
    ],
  ),
];

async function remove(store: EventStore, stream: string): Promise<void> {
  await store.write([{ kind: "delete", stream, expectedVersion: "any" }]);
  await store.scavenge();
}
