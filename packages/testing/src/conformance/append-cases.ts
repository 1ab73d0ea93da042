import assert from "node:assert/strict";
import { currentRuntime } from "@reactive-domain/core";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { CLOCK_TOLERANCE_MS } from "./leasing.ts";
import { newEvent, newEvents } from "./new-event.ts";
import { assertLog, eventsOf, idsOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

/** What an append that succeeds does and tells. */
export const appendCases: readonly ConformanceCase[] = [
  storeCase("an append reports the version and position of its last event", ["F4"], async (store) => {
    const first = await store.append("account-1", newEvents(3), { expectedVersion: "noStream" });
    assert.deepEqual({ ...first }, { stream: "account-1", version: 2, position: 2, repeated: false });
    const other = await store.append("account-2", newEvents(2), { expectedVersion: "noStream" });
    assert.deepEqual({ ...other }, { stream: "account-2", version: 1, position: 4, repeated: false });
    const second = await store.append("account-1", newEvents(1), { expectedVersion: first.version });
    assert.deepEqual({ ...second }, { stream: "account-1", version: 3, position: 5, repeated: false });
  }),

  storeCase("the events of one append are stored one behind the other, in the order given", ["F5"], async (store) => {
    const events = newEvents(25);
    await store.append("account-1", events, { expectedVersion: "noStream" });
    const stored = await eventsOf(store.read({ stream: "account-1" }));
    assert.deepEqual(idsOf(stored), idsOf(events));
    assert.deepEqual(versionsOf(stored), numbersBelow(25));
    assert.deepEqual(positionsOf(stored), numbersBelow(25));
  }),

  storeCase("versions count within a stream and positions within the log, both from 0 and without holes", ["F13"], async (store) => {
    for (let index = 0; index < 12; index++) {
      await store.append(`account-${index % 3}`, newEvents(1 + (index % 2)), { expectedVersion: "any" });
    }
    const log = await logOf(store);
    assert.deepEqual(positionsOf(log), numbersBelow(18));
    for (const stream of ["account-0", "account-1", "account-2"]) {
      const inLog = log.filter((event) => event.stream === stream);
      assert.deepEqual(versionsOf(inLog), numbersBelow(6), `The versions of ${stream}, in the order of the log.`);
      assert.deepEqual(idsOf(await eventsOf(store.read({ stream }))), idsOf(inLog));
    }
  }),

  storeCase("start lies before every position and end behind it", ["F13"], async (store) => {
    await store.append("account-1", newEvents(3), { expectedVersion: "any" });
    assert.equal((await eventsOf(store.read({ all: true }, { from: "start" }))).length, 3);
    assert.equal((await eventsOf(store.read({ all: true }, { from: "end" }))).length, 0);
    assert.equal((await eventsOf(store.read({ all: true }, { from: "start", direction: "backwards" }))).length, 0);
    assert.equal((await eventsOf(store.read({ all: true }, { from: "end", direction: "backwards" }))).length, 3);
  }),

  storeCase("an event tells when it was committed, by the store's clock", ["F4"], async (store) => {
    await store.append("account-1", newEvents(2), { expectedVersion: "any" });
    const nowMs = currentRuntime().clock.now();
    for (const { time } of await logOf(store)) {
      assert.ok(time instanceof Date, "time must be a Date.");
      assert.ok(Math.abs(time.getTime() - nowMs) < CLOCK_TOLERANCE_MS, `${time.toISOString()} is not now.`);
    }
  }),

  storeCase("a refused append takes no version and no position", ["F5", "F13"], async (store) => {
    const written = [newEvent(), newEvent()];
    await store.append("account-1", written.slice(0, 1), { expectedVersion: "noStream" });
    await assertRefused(
      store.append("account-1", newEvents(3), { expectedVersion: "noStream" }),
      "wrong-expected-version",
      "a stale append",
    );
    const result = await store.append("account-1", written.slice(1), { expectedVersion: "exists" });
    assert.deepEqual({ ...result }, { stream: "account-1", version: 1, position: 1, repeated: false });
    await assertLog(store, written, "after a refused append");
  }),

  storeCase("an append whose signal is aborted rejects with the signal's reason and writes nothing", ["F5"], async (store) => {
    const reason = new Error("changed my mind");
    const append = store.append("account-1", newEvents(2), { expectedVersion: "any", signal: AbortSignal.abort(reason) });
    await assert.rejects(append, reason);
    await assertLog(store, [], "after an aborted append");
  }),
];
