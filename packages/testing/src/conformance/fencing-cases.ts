import assert from "node:assert/strict";
import { fence, type EventStore, type Fence } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { acquired, runOut, SHORT_MS } from "./leasing.ts";
import { moving } from "./moving.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const name = "balances";

/** A lease guards the checkpoint of its name. */
export const fencingCases: readonly ConformanceCase[] = [
  ...requiring(
    ["checkpoints", "leases"],
    [
      guarded("under the token of its lease a checkpoint moves", async (store) => {
        const { fence: token } = await acquired(store, name, "worker-1");
        await move(store, null, 0, token);
        await move(store, 0, 1, token);
        assert.equal(await store.checkpoint(name), 1);
      }),

      guarded("while its lease is held, a checkpoint does not move without a token", async (store) => {
        await acquired(store, name, "worker-1");
        await assertFenced(store, undefined, "a move without a token");
      }),

      guarded("without a lease a checkpoint needs no token, and takes none", async (store) => {
        await assertFenced(store, fence(1), "a token without any lease");
        await acquired(store, "another", "worker-1");
        await assertFenced(store, fence(1), "the token of another lease");
        await move(store, null, 1);
        assert.equal(await store.checkpoint(name), 1);
      }),

      guarded("a token that was never given out does not move a checkpoint", async (store) => {
        const { fence: token } = await acquired(store, name, "worker-1");
        await assertFenced(store, fence(token + 1), "a token from nowhere");
      }),

      guarded("when its lease was given back or has run out, a checkpoint needs no token", async (store) => {
        await store.leases.release(await acquired(store, name, "worker-1"));
        await move(store, null, 0);
        await acquired(store, name, "worker-2", SHORT_MS);
        await runOut();
        await move(store, 0, 1);
        assert.equal(await store.checkpoint(name), 1);
      }),

      guarded("a worker whose lease has run out goes on while nobody has taken it", async (store) => {
        const { fence: token } = await acquired(store, name, "worker-1", SHORT_MS);
        await runOut();
        await move(store, null, 1, token);
        assert.equal(await store.checkpoint(name), 1);
      }),

      guarded("a worker that was held up past its lease is fenced off before its successor has written anything", async (store) => {
        const { fence: stale } = await acquired(store, name, "worker-1", SHORT_MS);
        await runOut();
        const { fence: token } = await acquired(store, name, "worker-2");
        await assertFenced(store, stale, "a move by a predecessor");
        await move(store, null, 1, token);
        await assertRefused(move(store, 1, 2, stale), "fenced", "a move by a predecessor");
        assert.equal(await store.checkpoint(name), 1);
      }),

      guarded("a worker stays fenced off when its successor's lease has ended, too", async (store) => {
        const { fence: stale } = await acquired(store, name, "worker-1", SHORT_MS);
        await runOut();
        await store.leases.release(await acquired(store, name, "worker-2"));
        await assertFenced(store, stale, "a move by a predecessor");
      }),

      guarded("a token that its own owner has outdated is stale", async (store) => {
        const { fence: stale } = await acquired(store, name, "worker-1");
        const { fence: token } = await acquired(store, name, "worker-1");
        await assertFenced(store, stale, "a move under the former token");
        await move(store, null, 0, token);
      }),

      guarded("who is fenced off hears that, wherever the checkpoint is", async (store) => {
        const { fence: token } = await acquired(store, name, "worker-1");
        await move(store, null, 2, token);
        await assertRefused(move(store, null, 99), "fenced", "a move without a token");
        await assertRefused(move(store, null, 99, token), "wrong-checkpoint", "a move from elsewhere");
      }),
    ],
  ),

  ...requiring(
    ["checkpoints", "leases", "severalItems"],
    [
      storeCase("a write that is fenced off writes nothing at all", [], async (store) => {
        const events = await grow(store, "account-1", 2);
        const { fence: stale } = await acquired(store, name, "worker-1", SHORT_MS);
        await runOut();
        await acquired(store, name, "worker-2");
        const append = { kind: "append", stream: "account-2", expectedVersion: "any", events: newEvents(2) } as const;
        for (const items of [
          [append, moving(name, null, 1, stale)],
          [moving(name, null, 1, stale), append],
        ])
          await assertRefused(store.write(items), "fenced", "a write by a predecessor");
        await assertLog(store, events, "after a write that was fenced off");
        assert.equal(await store.checkpoint(name), null);
      }),
    ],
  ),
];

/** A case about a checkpoint that is not set yet, in a log of three events. */
function guarded(what: string, check: (store: EventStore) => Promise<void>): ConformanceCase {
  return storeCase(what, [], async (store) => {
    await grow(store, "account-1", 3);
    await check(store);
  });
}

function move(store: EventStore, expected: number | null, to: number, token?: Fence): Promise<unknown> {
  return store.write([moving(name, expected, to, token)]);
}

/** Asserts that a token, or none, cannot set the checkpoint. */
async function assertFenced(store: EventStore, token: Fence | undefined, what: string): Promise<void> {
  await assertRefused(move(store, null, 0, token), "fenced", what);
  assert.equal(await store.checkpoint(name), null, "A write that is fenced off must not move the checkpoint.");
}
