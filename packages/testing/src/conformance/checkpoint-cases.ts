import assert from "node:assert/strict";
import { position, type Position } from "@reactive-domain/core";
import { WrongCheckpoint, type CheckpointItem, type EventStore } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { moving } from "./moving.ts";
import { grow } from "./new-event.ts";
import { numbersBelow } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const MOVERS = 10;
const name = "balances";

/** How far a worker has come: it moves when it is where the worker believes. */
export const checkpointCases: readonly ConformanceCase[] = requiring(
  ["checkpoints"],
  [
    storeCase("a checkpoint that was never set is null, not 0", [], async (store) => {
      assert.equal(await store.checkpoint(name), null);
      await grow(store, "account-1", 3);
      assert.equal(await store.checkpoint(name), null);
    }),

    storeCase("a checkpoint moves from where it is expected, and stays where it was put", [], async (store) => {
      await grow(store, "account-1", 5);
      await move(store, null, 2);
      assert.equal(await store.checkpoint(name), 2);
      const result = await store.write([moving(name, 2, 4)]);
      assert.deepEqual({ position: result.position, streams: [...result.streams] }, { position: null, streams: [] });
      assert.equal(result.repeated, false);
      assert.equal(await store.checkpoint(name), 4);
    }),

    storeCase("position 0 is a place of its own: neither none, nor before the first event", [], async (store) => {
      await grow(store, "account-1", 2);
      await move(store, null, 0);
      assert.equal(await store.checkpoint(name), 0);
      await assertElsewhere(store, { expected: null, actual: 0 });
      await move(store, 0, 1);
      assert.equal(await store.checkpoint(name), 1);
    }),

    storeCase("a checkpoint that is not where it was expected is not moved, and the error tells where it is", [], async (store) => {
      await grow(store, "account-1", 5);
      await assertElsewhere(store, { expected: position(0), actual: null });
      await move(store, null, 2);
      for (const expected of [null, position(0), position(1), position(3)]) await assertElsewhere(store, { expected, actual: 2 });
    }),

    storeCase("of many that move a checkpoint from the same place exactly one wins", [], async (store) => {
      await grow(store, "account-1", MOVERS);
      assert.equal(await winnersOf(store, null), 1);
      assert.equal(await winnersOf(store, await store.checkpoint(name)), 1);
    }),

    storeCase("a checkpoint can be put back", [], async (store) => {
      await grow(store, "account-1", 5);
      await move(store, null, 4);
      await move(store, 4, 0);
      assert.equal(await store.checkpoint(name), 0);
      await move(store, 0, 0);
      assert.equal(await store.checkpoint(name), 0);
    }),

    storeCase("a checkpoint can be removed, and is as if it had never been", [], async (store) => {
      await grow(store, "account-1", 3);
      await move(store, null, 2);
      await assertElsewhere(store, { expected: position(1), actual: 2 }, null);
      await move(store, 2, null);
      assert.equal(await store.checkpoint(name), null);
      await assertElsewhere(store, { expected: position(2), actual: null });
      await move(store, null, 1);
      assert.equal(await store.checkpoint(name), 1);
    }),

    storeCase("a checkpoint is never put behind the end of the log", [], async (store) => {
      await assertRefused(move(store, null, 0), "ahead-of-log", "a checkpoint in an empty log");
      await grow(store, "account-1", 3);
      await assertRefused(move(store, null, 3), "ahead-of-log", "a checkpoint behind the last event");
      assert.equal(await store.checkpoint(name), null);
      await move(store, null, 2);
      await assertRefused(move(store, 2, 3), "ahead-of-log", "a checkpoint behind the last event");
      assert.equal(await store.checkpoint(name), 2);
    }),

    storeCase("checkpoints of several names do not know each other", [], async (store) => {
      const names = ["balances", "Balances", "balances-1", "größe 😀", "c".repeat(512)];
      await grow(store, "account-1", names.length);
      for (const [place, one] of names.entries()) await store.write([moving(one, null, place)]);
      for (const [place, one] of names.entries()) assert.equal(await store.checkpoint(one), place, one);
      await store.write([moving("balances", 0, null)]);
      assert.equal(await store.checkpoint("Balances"), 1);
    }),

    storeCase("a checkpoint item that no store takes is refused, and nothing moves", [], async (store) => {
      await grow(store, "account-1", 2);
      await move(store, null, 0);
      for (const facts of BAD) {
        const item: unknown = { ...moving(name, 0, 1), ...facts };
        await assertRefused(store.write([item as CheckpointItem]), "invalid-write", `a checkpoint with ${JSON.stringify(facts)}`);
      }
      await assertRefused(store.checkpoint(" "), "invalid-argument", "a checkpoint without a name");
      assert.equal(await store.checkpoint(name), 0);
    }),
  ],
);

const BAD: readonly Readonly<Record<string, unknown>>[] = [
  ...["", " ", "$system", "a".repeat(513), "nul\0here", "half\ud83d", null, 7].map((bad) => ({ name: bad })),
  ...[-1, 1.5, Number.NaN, 2 ** 53, "0", undefined].map((expected) => ({ expected })),
  ...[-1, 1.5, Number.NaN, 2 ** 53, "1", undefined].map((place) => ({ position: place })),
  ...[0, -1, 1.5, Number.NaN, "1", null].map((fence) => ({ fence })),
];

function move(store: EventStore, expected: number | null, to: number | null): Promise<unknown> {
  return store.write([moving(name, expected, to)]);
}

/** Asserts that a checkpoint cannot be moved from a place where it is not, and that it stays where it is. */
async function assertElsewhere(
  store: EventStore,
  facts: { readonly expected: Position | null; readonly actual: number | null },
  to: number | null = 0,
): Promise<void> {
  const error = await assertRefused(move(store, facts.expected, to), "wrong-checkpoint", `A move from ${facts.expected}`);
  assert.ok(error instanceof WrongCheckpoint, "It must be refused with a WrongCheckpoint.");
  assert.deepEqual({ expected: error.expected, actual: error.actual }, facts);
  assert.equal(await store.checkpoint(name), facts.actual);
}

/** Has many move the checkpoint from a place, each to another one; the others must hear where the winner put it. */
async function winnersOf(store: EventStore, from: number | null): Promise<number> {
  const targets = numbersBelow(MOVERS).filter((target) => target !== from);
  const calls = targets.map((target) => move(store, from, target));
  const outcomes = await inTime(Promise.allSettled(calls), "The outcome of concurrent moves");
  const winner = targets.find((_, index) => outcomes[index]?.status === "fulfilled");
  assert.equal(await store.checkpoint(name), winner, "The checkpoint must be where the winner put it.");
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    assert.ok(outcome.reason instanceof WrongCheckpoint, `It must be refused with a WrongCheckpoint, not with ${String(outcome.reason)}`);
    assert.deepEqual({ expected: outcome.reason.expected, actual: outcome.reason.actual }, { expected: from, actual: winner });
  }
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}
