import assert from "node:assert/strict";
import { currentRuntime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { requiring, type ConformanceCase } from "./conformance-case.ts";
import { fillStore } from "./filled-store.ts";
import { attemptsOf, claim, GROUP, makeGroup, placesOf, settle } from "./group-work.ts";
import { acquired, LONG_MS, runOut, SHORT_MS } from "./leasing.ts";
import { moving } from "./moving.ts";
import { grow, newEvents } from "./new-event.ts";
import { eventsOf, logOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";
import { portraitOf } from "./store-portrait.ts";
import { deleteStream } from "./stream-changes.ts";
import { copied, place, recordsOf, transferCase } from "./transferring.ts";

const HOUR_MS = 3_600_000;

async function assertSame(source: EventStore, target: EventStore): Promise<void> {
  assert.deepEqual(await portraitOf(target), await portraitOf(source));
  assert.deepEqual(await recordsOf(target), await recordsOf(source));
}

/** Asserts that the same call comes to the same in both. */
async function assertAlike<T>(stores: readonly [EventStore, EventStore], call: (store: EventStore) => Promise<T>): Promise<void> {
  const [expected, actual] = [await call(stores[0]), await call(stores[1])];
  assert.deepEqual(actual, expected);
}

/** What a copy is: the same log, continued elsewhere. */
export const transferCopyCases: readonly ConformanceCase[] = [
  transferCase(
    "a copy gives what its source gives: from every source, in both directions, under every filter, of streams, snapshots, checkpoints, leases and groups",
    async (source, target) => {
      await fillStore(source);
      await copied(source, target);
      await assertSame(source, target);
      const [from, to] = [await source.transfer.status(), await target.transfer.status()];
      assert.deepEqual({ log: to.log, head: to.head, isLevel: to.copy?.isLevel }, { log: from.log, head: from.head, isLevel: true });
    },
  ),

  transferCase("a copy goes on with the positions and versions that its source would give", async (source, target) => {
    await fillStore(source);
    await copied(source, target);
    for (const stream of ["account-1", "again-1", "cut-1", "new-1"]) {
      const events = newEvents(2);
      await assertAlike([source, target], (store) => store.append(stream, events, { expectedVersion: "any" }));
    }
  }),

  transferCase("a copy answers a write that is repeated as its source did", async (source, target) => {
    const events = newEvents(3);
    await fillStore(source);
    const first = await source.append("order-1", events, { expectedVersion: "noStream" });
    await grow(source, "order-1", 1);
    await copied(source, target);
    const again = await target.append("order-1", events, { expectedVersion: "noStream" });
    assert.deepEqual({ ...again }, { ...first, repeated: true });
    await assertRefused(
      target.append("order-1", [...events.slice(0, 1), ...newEvents(1)], { expectedVersion: "any" }),
      "event-already-recorded",
      "a write that is there in part",
    );
  }),

  transferCase("times of commit do not go back behind what was copied, although the clock is behind it", async (source, target) => {
    const { log } = await source.transfer.status();
    const time = new Date(currentRuntime().clock.now() + HOUR_MS);
    const [event] = newEvents(1);
    const events = [{ stream: "account-1", version: 4 as never, position: place(7), time, ...(event as NonNullable<typeof event>) }];
    await target.transfer.take({ kind: "events", log, after: null, events, upTo: place(9) });
    const end = { kind: "log", head: place(9), headTimeMs: time.getTime() + 1, lastFence: 0 } as const;
    const life = { stream: "account-1", lastVersion: 5 as never, deletedBefore: 0, isTombstoned: false, metadata: {} };
    const records = [end, { kind: "stream", ...life } as const];
    await target.transfer.take({ kind: "records", log, round: "round-1", index: 0, records, isLast: true });
    const next = await target.append("account-1", newEvents(1), { expectedVersion: "exists" });
    assert.deepEqual({ version: next.version, position: next.position }, { version: 6, position: 10 });
    assert.ok(
      (await logOf(target)).every((one) => one.time.getTime() >= time.getTime()),
      "Times must not go back.",
    );
    assert.equal((await logOf(target)).at(-1)?.time.getTime(), time.getTime() + 1);
  }),

  transferCase("an empty store is copied, and so is one from which a scavenge removed everything", async (source, target) => {
    await copied(source, target);
    assert.equal((await target.transfer.status()).copy?.isLevel, true);
    await grow(source, "account-1", 3);
    if (source.gaps.softDelete === undefined) await deleteStream(source, "account-1");
    if (source.gaps.scavenge === undefined) await source.scavenge();
    await copied(source, target);
    await assertSame(source, target);
    const { position } = await target.append("account-2", newEvents(1), { expectedVersion: "noStream" });
    assert.equal(position, 3);
  }),

  ...requiring(
    ["leases", "checkpoints"],
    [
      transferCase("leases go on in a copy: who holds one holds it, and tokens only grow", async (source, target) => {
        await fillStore(source);
        const lease = await acquired(source, "mine", "worker-1");
        await copied(source, target);
        assert.equal(await target.leases.acquire("mine", { owner: "worker-2", durationMs: LONG_MS }), undefined);
        await target.write([moving("mine", null, 1, lease.fence)]);
        for (const name of ["held", "given-back"])
          await assertAlike(
            [source, target],
            async (store) => (await acquired(store, name, name === "held" ? "worker-1" : "worker-9")).fence,
          );
      }),
    ],
  ),

  ...requiring(
    ["consumerGroups"],
    [
      transferCase(
        "consumers go on in a copy: what they hold is theirs, and what waits, is parked or behind it comes in its order",
        async (source, target) => {
          await makeGroup(source, { maxAttempts: 2, retryDelayMs: 0 });
          for (const stream of ["account-1", "account-2", "account-1", "account-3", "account-2"]) await grow(source, stream, 1);
          const [first, second, third] = await claim(source, { maxEvents: 3 });
          assert.ok(first !== undefined && second !== undefined && third !== undefined);
          await settle(source, [second], "park", { error: "no address" });
          await settle(source, [first], "retry");
          await copied(source, target);
          await assertAlike([source, target], async (store) => {
            const came = await claim(store, { consumer: "worker-2" });
            const parked = await store.groups.replayParked(GROUP);
            await settle(store, came, "acknowledge");
            const rest = await claim(store, { consumer: "worker-2" });
            return {
              places: placesOf(came),
              attempts: attemptsOf(came),
              fences: came.map(({ fence }) => fence),
              parked,
              rest: placesOf(rest),
            };
          });
        },
      ),

      transferCase("a delivery is settled in the copy under the token that its consumer got from the source", async (source, target) => {
        await makeGroup(source);
        await grow(source, "account-1", 2);
        const [first] = await claim(source, { maxEvents: 1 });
        assert.ok(first !== undefined);
        await copied(source, target);
        await settle(target, [first], "acknowledge");
        assert.deepEqual(placesOf(await claim(target)), [1]);
      }),

      transferCase("what a consumer had that went away comes alone from the copy, too", async (source, target) => {
        await makeGroup(source, { orderBy: "none" });
        await grow(source, "account-1", 3);
        await claim(source, { maxEvents: 2, leaseMs: SHORT_MS });
        await copied(source, target);
        await runOut();
        await assertAlike([source, target], async (store) => {
          const first = await claim(store, { consumer: "worker-2" });
          await settle(store, first, "acknowledge");
          return [placesOf(first), attemptsOf(first), placesOf(await claim(store, { consumer: "worker-2" }))];
        });
      }),
    ],
  ),

  transferCase("a copy that is read event by event has the times, ids and bytes of its source", async (source, target) => {
    await fillStore(source);
    await copied(source, target, { maxPartEvents: 1 });
    const plain = async (store: EventStore): Promise<unknown> => (await eventsOf(store.read({ all: true }))).map((event) => event.toJSON());
    assert.deepEqual(await plain(target), await plain(source));
  }),
];
