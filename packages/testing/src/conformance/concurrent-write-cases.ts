import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { AppendResult } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog, idsOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";
import { assertConflict } from "./refusal.ts";

const WRITERS = 10;

/** Many writers at once. */
export const concurrentWriteCases: readonly ConformanceCase[] = [
  storeCase(
    "positions and versions have no holes under concurrent writers, and each append lies together",
    ["F5", "F13"],
    async (store) => {
      const appends = Array.from({ length: 120 }, (_, index) => ({ stream: `account-${index % 7}`, events: newEvents(1 + (index % 3)) }));
      const results = await inTime(
        Promise.all(appends.map(({ stream, events }) => store.append(stream, events, { expectedVersion: "any" }))),
        "The outcome of concurrent appends",
      );
      const log = await logOf(store);
      assert.deepEqual(positionsOf(log), numbersBelow(240));
      for (const stream of new Set(appends.map((append) => append.stream))) {
        const versions = versionsOf(log.filter((event) => event.stream === stream));
        assert.deepEqual(versions, numbersBelow(versions.length), `The versions of ${stream}.`);
      }
      for (const [index, { position, version }] of results.entries()) {
        const { stream, events } = appends[index] ?? assert.fail();
        const written = log.slice(position - events.length + 1, position + 1);
        assert.deepEqual(idsOf(written), idsOf(events), "The position of an append must be that of its last event.");
        assert.equal(written.at(-1)?.version, version, "The version of an append must be that of its last event.");
        assert.ok(written.every((event) => event.stream === stream));
      }
    },
  ),

  storeCase("a writer that waits for each append finds its events in that order in the log", ["F13"], async (store) => {
    const writers = numbersBelow(WRITERS).map(async (writer) => {
      const ids: string[] = [];
      for (let turn = 0; turn < 10; turn++) ids.push(...idsOf(await grow(store, `account-${writer}`, 1)));
      return ids;
    });
    const written = await inTime(Promise.all(writers), "The outcome of concurrent writers");
    const log = await logOf(store);
    assert.deepEqual(positionsOf(log), numbersBelow(100));
    for (const [writer, ids] of written.entries()) {
      assert.deepEqual(idsOf(log.filter(({ stream }) => stream === `account-${writer}`)), ids);
    }
  }),

  storeCase("of several writers that create a stream with noStream exactly one succeeds", ["F4"], async (store) => {
    const attempts = numbersBelow(WRITERS).map(() => ({ events: newEvents(2) }));
    const outcomes = await settled(attempts.map(({ events }) => store.append("account-1", events, { expectedVersion: "noStream" })));
    const winner = outcomes.findIndex((outcome) => outcome.result !== undefined);
    const losers = outcomes.filter((outcome) => outcome.result === undefined);
    assert.equal(losers.length, WRITERS - 1, "Exactly one writer must succeed.");
    for (const { call } of losers) await assertConflict(call, { stream: "account-1", expected: "noStream", actual: 1 });
    await assertLog(store, attempts[winner]?.events ?? [], "after one writer won");
  }),

  storeCase(
    "of several writers with the same expected version exactly one succeeds, and the others write nothing",
    ["F4"],
    async (store) => {
      const before = await grow(store, "account-1", 4);
      const attempts = numbersBelow(WRITERS).map(() => ({ events: newEvents(1) }));
      const expectedVersion = ExpectedVersion.exactly(3);
      const outcomes = await settled(attempts.map(({ events }) => store.append("account-1", events, { expectedVersion })));
      const winners = attempts.filter((_, index) => outcomes[index]?.result !== undefined);
      assert.equal(winners.length, 1, "Exactly one writer must succeed.");
      await assertLog(store, [...before, ...(winners[0]?.events ?? [])], "after one writer won");
    },
  ),

  storeCase("a conflict among concurrent writes fails alone", ["F4", "F5"], async (store) => {
    const [one, two, stale] = [newEvents(2), newEvents(3), newEvents(1)];
    const outcomes = await settled([
      store.append("account-1", one, { expectedVersion: "noStream" }),
      store.append("account-2", stale, { expectedVersion: "exists" }),
      store.append("account-3", two, { expectedVersion: "noStream" }),
    ]);
    assert.deepEqual(
      outcomes.map(({ result }) => result?.stream),
      ["account-1", undefined, "account-3"],
    );
    assert.deepEqual(idsOf(await logOf(store)).toSorted(), idsOf([...one, ...two]).toSorted());
    assert.deepEqual(positionsOf(await logOf(store)), numbersBelow(5));
  }),

  storeCase("the same append made by several at once is written once, and all are told the same", ["F15"], async (store) => {
    const events = newEvents(3);
    const calls = numbersBelow(WRITERS).map(() => store.append("account-1", events, { expectedVersion: "noStream" }));
    const results = await inTime(Promise.all(calls), "The outcome of concurrent appends");
    assert.equal(results.filter(({ repeated }) => !repeated).length, 1, "Exactly one append must not be a repetition.");
    for (const { version, position } of results) assert.deepEqual({ version, position }, { version: 2, position: 2 });
    await assertLog(store, events, "after the same append by several");
  }),
];

interface Outcome {
  readonly call: Promise<AppendResult>;
  readonly result: AppendResult | undefined;
}

/** What became of each of several calls. */
async function settled(calls: readonly Promise<AppendResult>[]): Promise<readonly Outcome[]> {
  const outcomes = calls.map((call) =>
    call.then(
      (result) => ({ call, result }),
      () => ({ call, result: undefined }),
    ),
  );
  return inTime(Promise.all(outcomes), "The outcome of concurrent appends");
}
