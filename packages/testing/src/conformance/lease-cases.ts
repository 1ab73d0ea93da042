import assert from "node:assert/strict";
import { currentRuntime, sleep } from "@reactive-domain/core";
import { fence, type AcquireOptions, type EventStore, type Lease } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { numbersBelow } from "./reading.ts";
import { assertRefused } from "./refusal.ts";
import { acquired, LONG_MS, runOut, SHORT_MS } from "./leasing.ts";

const CONTENDERS = 10;
const name = "balances";

/** One worker at a time. */
export const leaseCases: readonly ConformanceCase[] = requiring(
  ["leases"],
  [
    storeCase("a lease tells its name, its owner, a token and when it ends", [], async (store) => {
      const lease = await acquired(store, name, "worker-1");
      assert.deepEqual({ name: lease.name, owner: lease.owner }, { name, owner: "worker-1" });
      assert.ok(Number.isSafeInteger(lease.fence) && lease.fence >= 1, `A token must be an integer from 1, but is ${lease.fence}.`);
      const leftMs = lease.until.getTime() - currentRuntime().clock.now();
      assert.ok(leftMs > 0 && leftMs < 2 * LONG_MS, `It must end in about ${LONG_MS} ms, but does in ${leftMs} ms.`);
    }),

    storeCase("a lease has one owner at a time", [], async (store) => {
      await acquired(store, name, "worker-1");
      assert.equal(await acquire(store, "worker-2"), undefined);
      assert.equal(await acquire(store, "worker-3"), undefined);
      assert.equal(await acquire(store, "Worker-1"), undefined);
    }),

    storeCase("leases of several names do not know each other", [], async (store) => {
      await acquired(store, name, "worker-1");
      await acquired(store, "Balances", "worker-2");
      await acquired(store, "l".repeat(512), "w".repeat(256));
    }),

    storeCase("a lease that has run out is another's for the taking, under a higher token", [], async (store) => {
      const first = await acquired(store, name, "worker-1", SHORT_MS);
      await runOut();
      const second = await acquired(store, name, "worker-2");
      assert.ok(second.fence > first.fence, `The token must be higher than ${first.fence}, but is ${second.fence}.`);
      assert.equal(await acquire(store, "worker-1"), undefined);
    }),

    storeCase("its own lease an owner gets again, under a higher token, and the former is lost", [], async (store) => {
      const first = await acquired(store, name, "worker-1");
      const second = await acquired(store, name, "worker-1");
      assert.ok(second.fence > first.fence, `The token must be higher than ${first.fence}, but is ${second.fence}.`);
      await assertRefused(store.leases.renew(first, { durationMs: LONG_MS }), "lease-lost", "the renewal of a former lease");
      await store.leases.release(first);
      assert.equal(await acquire(store, "worker-2"), undefined, "Giving back what is lost must not free what is held.");
    }),

    storeCase("a lease that is renewed keeps its token, and holds on past its first end", [], async (store) => {
      const lease = await acquired(store, name, "worker-1", SHORT_MS);
      const renewed = await store.leases.renew(lease, { durationMs: LONG_MS });
      assert.deepEqual({ ...renewed, until: null }, { ...lease, until: null });
      assert.ok(renewed.until > lease.until, "A renewed lease must end later.");
      await runOut();
      assert.equal(await acquire(store, "worker-2"), undefined);
    }),

    storeCase("a lease that has run out is renewed as long as nobody else took it", [], async (store) => {
      const lease = await acquired(store, name, "worker-1", SHORT_MS);
      await runOut();
      assert.equal((await store.leases.renew(lease, { durationMs: LONG_MS })).fence, lease.fence);
      assert.equal(await acquire(store, "worker-2"), undefined);
    }),

    storeCase("a lease that another took is lost to who held it, also when the other's has run out", [], async (store) => {
      const first = await acquired(store, name, "worker-1", SHORT_MS);
      await runOut();
      await acquired(store, name, "worker-2", SHORT_MS);
      await assertRefused(store.leases.renew(first, { durationMs: LONG_MS }), "lease-lost", "the renewal of a lost lease");
      await runOut();
      await assertRefused(store.leases.renew(first, { durationMs: LONG_MS }), "lease-lost", "the renewal of a lost lease");
      await store.leases.release(first);
    }),

    storeCase("a lease that is given back is free at once, under a higher token, and cannot be renewed", [], async (store) => {
      const first = await acquired(store, name, "worker-1");
      await store.leases.release(first);
      await assertRefused(store.leases.renew(first, { durationMs: LONG_MS }), "lease-lost", "the renewal of what was given back");
      const second = await acquired(store, name, "worker-2");
      assert.ok(second.fence > first.fence, `The token must be higher than ${first.fence}, but is ${second.fence}.`);
      await store.leases.release(first);
      assert.equal(await acquire(store, "worker-3"), undefined, "Giving back twice must not free what is another's.");
    }),

    storeCase("of many that ask for a lease at once exactly one gets it, also when it has run out or was given back", [], async (store) => {
      const first = await contend(store);
      await store.leases.release(first);
      const second = await store.leases.renew(await contend(store), { durationMs: SHORT_MS });
      await runOut();
      const third = await contend(store);
      assert.ok(first.fence < second.fence && second.fence < third.fence, "Tokens must grow.");
    }),

    storeCase("a lease that changes in the hands of its owner stays as it is in the store", [], async (store) => {
      const lease = await acquired(store, name, "worker-1");
      lease.until.setTime(0);
      assert.equal(await acquire(store, "worker-2"), undefined);
    }),

    storeCase("a lease that no store gives is refused", [], async (store) => {
      for (const bad of ["", " ", "$system", "a".repeat(513), "nul\0here", "half\ud83d", null, 7])
        await assertRefused(ask(store, bad, {}), "invalid-argument", `a lease named ${String(bad)}`);
      for (const owner of ["", " ", "a".repeat(257), "nul\0here", null, 7])
        await assertRefused(ask(store, name, { owner }), "invalid-argument", `a lease for ${String(owner)}`);
      for (const durationMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, "1", undefined])
        await assertRefused(ask(store, name, { durationMs }), "invalid-argument", `a lease for ${String(durationMs)} ms`);
      const lease = await acquired(store, name, "worker-1");
      await assertRefused(store.leases.renew(lease, { durationMs: 0 }), "invalid-argument", "a renewal for 0 ms");
      const unknown: Lease = { ...lease, name: "unknown", fence: fence(1) };
      await assertRefused(store.leases.renew(unknown, { durationMs: 1 }), "lease-lost", "the renewal of a lease that never was");
    }),
  ],
);

function acquire(store: EventStore, owner: string, durationMs = LONG_MS): Promise<Lease | undefined> {
  return store.leases.acquire(name, { owner, durationMs });
}

/** Asks as a program without types might. */
function ask(store: EventStore, of: unknown, facts: Readonly<Record<string, unknown>>): Promise<unknown> {
  const options: unknown = { owner: "worker-1", durationMs: LONG_MS, ...facts };
  return store.leases.acquire(of as string, options as AcquireOptions);
}

/** Has many ask at once, and returns the one lease that was given. */
async function contend(store: EventStore): Promise<Lease> {
  const owners = numbersBelow(CONTENDERS).map((index) => `worker-${index}`);
  const asked = owners.map(async (owner, index) => {
    await sleep(index % 3);
    return acquire(store, owner, LONG_MS);
  });
  const given = (await inTime(Promise.all(asked), "The answers to many that ask")).filter((lease) => lease !== undefined);
  assert.equal(given.length, 1, "Exactly one must get the lease.");
  return given[0] ?? assert.fail();
}
