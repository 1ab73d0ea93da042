import assert from "node:assert/strict";
import { currentRuntime, type ExpectedVersion } from "@reactive-domain/core";
import type { AppendItem, NewEvent } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { moving } from "./moving.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { assertLog, logOf, numbersBelow } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const name = "balances";

/** A checkpoint that moves with what handling led to: together they make its effect exactly once. */
export const checkpointWriteCases: readonly ConformanceCase[] = requiring(
  ["checkpoints", "severalItems"],
  [
    storeCase("a checkpoint moves together with the events of its write, whichever comes first in it", [], async (store) => {
      const handled = await grow(store, "account-1", 2);
      const [one, two] = [newEvents(1), newEvents(2)];
      const first = await store.write([append(one), moving(name, null, 0)]);
      const second = await store.write([moving(name, 0, 1), append(two)]);
      assert.deepEqual([first.position, second.position], [2, 4]);
      assert.equal(await store.checkpoint(name), 1);
      await assertLog(store, [...handled, ...one, ...two], "after two writes with a checkpoint");
    }),

    storeCase("a conflict in the stream of a write leaves its checkpoint where it was", [], async (store) => {
      const handled = await grow(store, "account-1", 2);
      for (const items of [
        [append(newEvents(1), "exists"), moving(name, null, 1)],
        [moving(name, null, 1), append(newEvents(1), "exists")],
      ]) {
        await assertRefused(store.write(items), "wrong-expected-version", "a conflict in the stream");
        assert.equal(await store.checkpoint(name), null);
      }
      await assertLog(store, handled, "after a conflict in the stream");
    }),

    storeCase("a checkpoint that is elsewhere keeps the events of its write out of the log", [], async (store) => {
      const handled = await grow(store, "account-1", 2);
      await store.write([moving(name, null, 1)]);
      for (const items of [
        [append(newEvents(1)), moving(name, 0, 1)],
        [moving(name, null, 1), append(newEvents(1))],
      ]) {
        await assertRefused(store.write(items), "wrong-checkpoint", "a conflict in the checkpoint");
        await assertLog(store, handled, "after a conflict in the checkpoint");
      }
    }),

    storeCase("a checkpoint may be put at the last event of its own write, and not behind it", [], async (store) => {
      const first = newEvents(2);
      await store.write([moving(name, null, 1), append(first)]);
      assert.equal(await store.checkpoint(name), 1);
      await assertRefused(store.write([moving(name, 1, 4), append(newEvents(2))]), "ahead-of-log", "a checkpoint behind its own write");
      assert.equal(await store.checkpoint(name), 1);
      await assertLog(store, first, "after a checkpoint ahead of the log");
    }),

    storeCase(
      "a write whose events are repeated says so, and moves a checkpoint that is where it was expected, and no other",
      [],
      async (store) => {
        const handled = await grow(store, "account-1", 3);
        const events = newEvents(1);
        const items = [append(events, "noStream"), moving(name, null, 1)];
        const first = await store.write(items);
        await store.write([moving(name, 1, 2)]);
        const again = await store.write(items);
        assert.deepEqual({ position: again.position, repeated: again.repeated }, { position: first.position, repeated: true });
        assert.equal(await store.checkpoint(name), 2);
        await store.write([append(events), moving(name, 2, 0)]);
        assert.equal(await store.checkpoint(name), 0, "Work that was done before still has to report how far it is.");
        await assertLog(store, [...handled, ...events], "after a repeated write");
      },
    ),

    storeCase("a write that is refused for its checkpoint takes no version and no position", [], async (store) => {
      await grow(store, "account-1", 1);
      for (const [expected, to, code] of [
        [3, 1, "wrong-checkpoint"],
        [null, 9, "ahead-of-log"],
      ] as const)
        await assertRefused(
          store.write([append(newEvents(2), "any"), moving(name, expected, to)]),
          code,
          "a checkpoint that cannot be moved",
        );
      const { version, position } = await store.append("account-1", newEvents(1), { expectedVersion: "any" });
      assert.deepEqual([version, position], [1, 1]);
    }),

    storeCase("several checkpoints in one write move together or not at all, and none is named twice", [], async (store) => {
      await grow(store, "account-1", 2);
      await store.write([moving("one", null, 0), moving("two", null, 0)]);
      await assertRefused(store.write([moving("one", 0, 1), moving("two", 1, 1)]), "wrong-checkpoint", "a conflict in the second");
      assert.deepEqual([await store.checkpoint("one"), await store.checkpoint("two")], [0, 0]);
      await assertRefused(store.write([moving("one", 0, 1), moving("one", 0, 1)]), "invalid-write", "a checkpoint twice");
    }),

    storeCase("workers that race over a log with a checkpoint write each consequence once", [], async (store) => {
      const handled = await grow(store, "account-1", 6);
      const work = async (): Promise<void> => {
        for (;;) {
          const done = await store.checkpoint(name);
          const next = done === null ? 0 : done + 1;
          if (next >= handled.length) return;
          const id = currentRuntime().ids.next();
          await store.write([append([newEvent({ id, type: `Handled${next}` })]), moving(name, done, next)]).catch(ignoreConflict);
        }
      };
      await inTime(Promise.all([work(), work(), work(), work()]), "The end of the work");
      const types = (await logOf(store)).slice(handled.length).map(({ type }) => type);
      assert.deepEqual(
        types,
        numbersBelow(handled.length).map((place) => `Handled${place}`),
      );
    }),
  ],
);

function append(events: readonly NewEvent[], expectedVersion: ExpectedVersion = "any"): AppendItem {
  return { kind: "append", stream: "consequences-1", events, expectedVersion };
}

function ignoreConflict(error: unknown): void {
  assert.ok(error instanceof Error && "code" in error && error.code === "wrong-checkpoint", String(error));
}
