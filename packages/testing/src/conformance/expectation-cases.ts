import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { ExpectItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { expectOf } from "./expecting.ts";
import { expectingWriteCases } from "./expecting-write-cases.ts";
import { grow } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertConflict, assertRefused } from "./refusal.ts";
import { deleteStream, tombstoneStream } from "./stream-changes.ts";

const watched = "account-1";

/** What a write holds of streams that it does not change. */
export const expectationCases: readonly ConformanceCase[] = requiring(
  ["expectations"],
  [
    storeCase("an expectation alone is met or refused, and changes nothing", ["F4"], async (store) => {
      const events = await grow(store, watched, 3);
      for (const expected of ["exists", ExpectedVersion.exactly(2)] as const) {
        assert.deepEqual({ ...(await store.write([expectOf(watched, expected)])) }, { position: null, streams: [], repeated: false });
      }
      await store.write([expectOf("account-2", "noStream")]);
      for (const expected of ["noStream", ExpectedVersion.exactly(1), ExpectedVersion.exactly(3)] as const) {
        await assertConflict(store.write([expectOf(watched, expected)]), { stream: watched, expected, actual: 2 });
      }
      for (const expected of ["exists", ExpectedVersion.exactly(0)] as const) {
        await assertConflict(store.write([expectOf("account-2", expected)]), { stream: "account-2", expected, actual: null });
      }
      await assertLog(store, events, "after expectations");
      const { state, lastVersion } = await store.streamInfo("account-2");
      assert.deepEqual({ state, lastVersion }, { state: "missing", lastVersion: null }, "A stream that was looked at is not made.");
    }),

    storeCase("an expectation that says nothing, or names no stream, is refused", ["F4"], async (store) => {
      for (const value of ["any", "whatever", -1, 1.5, null, undefined]) {
        const item: unknown = { kind: "expect", stream: watched, expectedVersion: value };
        await assertRefused(store.write([item as ExpectItem]), "invalid-write", `an expectation of ${String(value)}`);
      }
      for (const name of ["", " ", "$system", "a".repeat(513)])
        await assertRefused(store.write([expectOf(name, "noStream")]), "invalid-write", `an expectation of ${JSON.stringify(name)}`);
    }),

    ...requiring(
      ["tombstones"],
      [
        storeCase("an expectation of a stream that was deleted for ever is refused, whatever it is", ["F7"], async (store) => {
          await grow(store, watched, 2);
          for (const name of [watched, "account-2"]) {
            await tombstoneStream(store, name);
            for (const expected of ["noStream", "exists", ExpectedVersion.exactly(1)] as const)
              await assertRefused(store.write([expectOf(name, expected)]), "stream-tombstoned", `an expectation of ${expected}`);
          }
        }),
      ],
    ),

    ...requiring(
      ["softDelete"],
      [
        storeCase("an expectation takes a deleted stream for none, until it is written again", ["F6"], async (store) => {
          await grow(store, watched, 2);
          await deleteStream(store, watched);
          await store.write([expectOf(watched, "noStream")]);
          for (const expected of ["exists", ExpectedVersion.exactly(1)] as const)
            await assertConflict(store.write([expectOf(watched, expected)]), { stream: watched, expected, actual: null });
          await grow(store, watched, 1);
          await store.write([expectOf(watched, ExpectedVersion.exactly(2))]);
          await assertConflict(store.write([expectOf(watched, "noStream")]), { stream: watched, expected: "noStream", actual: 2 });
        }),
      ],
    ),

    ...requiring(["severalItems"], expectingWriteCases),
  ],
);
