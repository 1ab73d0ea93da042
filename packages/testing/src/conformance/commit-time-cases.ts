import assert from "node:assert/strict";
import { currentRuntime, sleep, withRuntime, type Clock } from "@reactive-domain/core";
import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase, type StoreFactory } from "./conformance-case.ts";
import { grow, newEvents } from "./new-event.ts";
import { eventsOf, idsOf, logOf } from "./reading.ts";

const HOUR_MS = 3_600_000;

/** Times of commit along the log. */
export const commitTimeCases: readonly ConformanceCase[] = [
  storeCase("times of commit do not go back along the log", ["F4"], async (store) => {
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all([grow(store, "account-1", 2), grow(store, "account-2", 1)]);
      await sleep(5);
    }
    assertOrdered(await logOf(store));
  }),

  {
    name: "times of commit do not go back along the log although the clock does",
    behaviours: ["F4"],
    run: (open) =>
      withMovedClock(open, async (store, move) => {
        const written = [];
        for (const offsetMs of [0, -1, HOUR_MS, -HOUR_MS, 0, -24 * HOUR_MS]) {
          move(offsetMs);
          written.push(...(await grow(store, "account-1", 2)), ...(await grow(store, "account-2", 1)));
        }
        const log = await logOf(store);
        assert.deepEqual(idsOf(log), idsOf(written));
        assertOrdered(log);
      }),
  },

  {
    name: "a read up to a time is the log up to a place although the clock went back",
    behaviours: ["F1", "F2"],
    run: (open) =>
      withMovedClock(open, async (store, move) => {
        for (const offsetMs of [0, HOUR_MS, -HOUR_MS]) {
          move(offsetMs);
          await store.append("account-1", newEvents(2), { expectedVersion: "any" });
        }
        const log = await logOf(store);
        for (const { time } of log) {
          const expected = log.filter((event) => event.time <= time);
          assert.deepEqual(idsOf(expected), idsOf(log.slice(0, expected.length)));
          for (const direction of ["forwards", "backwards"] as const) {
            const read = await eventsOf(store.read({ all: true }, { upTo: { time }, direction, maxBatchEvents: 1 }));
            assert.deepEqual(idsOf(direction === "forwards" ? read : read.toReversed()), idsOf(expected), direction);
          }
        }
      }),
  },
];

/** Opens a store under a clock that can be moved away from the one in force. A store that asks another clock is not affected. */
function withMovedClock(open: StoreFactory, check: (store: EventStore, move: (offsetMs: number) => void) => Promise<void>): Promise<void> {
  const { clock } = currentRuntime();
  let movedMs = 0;
  const moved: Clock = { now: () => clock.now() + movedMs, monotonicMs: () => clock.monotonicMs() };
  return withRuntime({ clock: moved }, async () => {
    await using store = await open();
    await check(store, (offsetMs) => {
      movedMs = offsetMs;
    });
  });
}

function assertOrdered(log: readonly RecordedEvent[]): void {
  const times = log.map(({ time }) => time.getTime());
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
    "Times of commit must not go back along the log.",
  );
}
