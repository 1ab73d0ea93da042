import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertConflict } from "./refusal.ts";

const stream = "account-1";

/** Asserts that appending is a conflict, tells so, and writes nothing. */
async function refuses(store: EventStore, expected: ExpectedVersion, actual: number | null): Promise<void> {
  await assertConflict(store.append(stream, newEvents(2), { expectedVersion: expected }), { stream, expected, actual });
}

/** What a writer may believe about a stream, and what happens when it is wrong. */
export const expectedVersionCases: readonly ConformanceCase[] = [
  storeCase("appending with the right version succeeds, time after time", ["F4"], async (store) => {
    let expectedVersion: ExpectedVersion = "noStream";
    for (let count = 1; count <= 3; count++) {
      const { version } = await store.append(stream, newEvents(count), { expectedVersion });
      expectedVersion = ExpectedVersion.exactly(version);
    }
    assert.equal(expectedVersion, 5);
  }),

  storeCase("appending with a version that is behind or ahead is a conflict, and nothing is written", ["F4"], async (store) => {
    const events = await grow(store, stream, 3);
    for (const wrong of [0, 1, 3, 4, Number.MAX_SAFE_INTEGER]) await refuses(store, ExpectedVersion.exactly(wrong), 2);
    await assertLog(store, events, "after conflicts");
  }),

  storeCase("appending with a version to a stream that does not exist is a conflict, also with version 0", ["F4"], async (store) => {
    await grow(store, "account-2", 1);
    await refuses(store, ExpectedVersion.exactly(0), null);
    await refuses(store, ExpectedVersion.exactly(7), null);
  }),

  storeCase("noStream creates a stream, and is a conflict once it exists", ["F4"], async (store) => {
    const event = newEvent();
    await store.append(stream, [event], { expectedVersion: "noStream" });
    await refuses(store, "noStream", 0);
    await assertLog(store, [event], "after a conflict");
  }),

  storeCase("exists is a conflict until the stream exists, and then holds at any version", ["F4"], async (store) => {
    await refuses(store, "exists", null);
    await assertLog(store, [], "after a conflict");
    await grow(store, stream, 2);
    const result = await store.append(stream, newEvents(1), { expectedVersion: "exists" });
    assert.equal(result.version, 2);
  }),

  storeCase("any creates a stream and goes on with it", ["F4"], async (store) => {
    assert.equal((await store.append(stream, newEvents(1), { expectedVersion: "any" })).version, 0);
    assert.equal((await store.append(stream, newEvents(2), { expectedVersion: "any" })).version, 2);
  }),

  storeCase("streams whose names differ by case, a space or a longer ending are different streams", ["F4"], async (store) => {
    const names = ["account-1", "Account-1", "account-1 ", "account-10", "account-é", "account-e\u0301"];
    for (const name of names) await store.append(name, newEvents(1), { expectedVersion: "noStream" });
    for (const name of names) {
      assert.equal((await store.append(name, newEvents(1), { expectedVersion: ExpectedVersion.exactly(0) })).version, 1, name);
    }
  }),
];
