import assert from "node:assert/strict";
import { position } from "@reactive-domain/core";
import type { ReadSource } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { fill } from "./new-event.ts";
import { batchesOf, logOf, positionsOf } from "./reading.ts";

const COUNT = 10;
const SOURCES: readonly ReadSource[] = [{ stream: "account-1" }, { category: "account" }, { eventType: "Deposited" }, { all: true }];
const DIRECTIONS = ["forwards", "backwards"] as const;

/** How many events a read and its batches hold: exactly. */
export const countCases: readonly ConformanceCase[] = [
  storeCase("a read gives as many events as its limit says, or as there are", ["F1", "F2"], async (store) => {
    await fill(
      store,
      Array.from({ length: COUNT }, () => ["account-1", "Deposited"] as const),
    );
    const inOrder = positionsOf(await logOf(store));
    for (const source of SOURCES) {
      for (const direction of DIRECTIONS) {
        const expected = direction === "forwards" ? inOrder : inOrder.toReversed();
        for (const limit of [1, 5, 9, 10, 11, Number.MAX_SAFE_INTEGER]) {
          for (const maxBatchEvents of [1, 3, 250]) {
            const batches = await batchesOf(store.read(source, { direction, limit, maxBatchEvents }));
            const what = `${JSON.stringify(source)} ${direction}, limit ${limit}, by ${maxBatchEvents}`;
            assert.deepEqual(positionsOf(batches.flatMap(({ events }) => events)), expected.slice(0, limit), what);
            assert.ok(
              batches.every(({ events }) => events.length <= maxBatchEvents),
              `A batch is too large: ${what}.`,
            );
          }
        }
      }
    }
  }),

  storeCase("a limit counts the events that a filter lets through, not those that it leaves out", ["F1", "F2"], async (store) => {
    await fill(
      store,
      Array.from({ length: 3 * COUNT }, (_, index) => ["account-1", index % 3 === 1 ? "Wanted" : "Other"] as const),
    );
    const wanted = positionsOf(await logOf(store)).filter((place) => place % 3 === 1);
    for (const direction of DIRECTIONS) {
      for (const limit of [1, 4, 9, 10, 11]) {
        const options = { direction, limit, maxBatchEvents: 2, filter: { types: ["Wanted"] } };
        const batches = await batchesOf(store.read({ all: true }, options));
        const expected = direction === "forwards" ? wanted : wanted.toReversed();
        assert.deepEqual(positionsOf(batches.flatMap(({ events }) => events)), expected.slice(0, limit), `${direction}, limit ${limit}`);
        assert.ok(batches.every(({ events }) => events.length <= 2));
      }
    }
  }),

  storeCase("a limit counts from the place where the read begins", ["F1", "F2"], async (store) => {
    await fill(
      store,
      Array.from({ length: COUNT }, () => ["account-1", "Deposited"] as const),
    );
    const at = { at: position(6) };
    assert.deepEqual(
      positionsOf((await batchesOf(store.read({ all: true }, { from: at, limit: 3 }))).flatMap(({ events }) => events)),
      [6, 7, 8],
    );
    const backwards = await batchesOf(store.read({ all: true }, { from: at, limit: 3, direction: "backwards" }));
    assert.deepEqual(positionsOf(backwards.flatMap(({ events }) => events)), [6, 5, 4]);
  }),
];
