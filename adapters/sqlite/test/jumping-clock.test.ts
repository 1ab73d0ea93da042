import { systemClock, withRuntime, type Clock, type Position } from "@reactive-domain/core";
import type { EventStore, Lease } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

const YEAR_MS = 365 * 24 * 3_600_000;
const START_MS = 1_700_000_000_000;
const JUMPS = [0, YEAR_MS, -2 * YEAR_MS, 1, -START_MS, 3 * YEAR_MS] as const;

/** A clock of the day that jumps; durations are the machine's. */
function jumpingClock(): Clock & { jump(ms: number): void } {
  let nowMs = START_MS;
  return { now: () => nowMs, monotonicMs: () => systemClock.monotonicMs(), jump: (ms) => (nowMs += ms) };
}

async function openWith(clock: Clock, path = temporaryFile()): Promise<EventStore> {
  return withRuntime({ clock }, () => openSqliteStore(path, { pollIntervalMs: 5 }));
}

function append(store: EventStore): Promise<{ readonly position: Position }> {
  return store.append("account-1", [newEvent()], { expectedVersion: "any" });
}

test("whichever way the clock jumps, the log goes on without holes, and its times do not go back", async () => {
  const [path, clock] = [temporaryFile(), jumpingClock()];
  for (const ms of JUMPS) {
    clock.jump(ms);
    await using store = await openWith(clock, path);
    await append(store);
    clock.jump(-ms);
    await append(store);
    clock.jump(ms);
  }
  await using store = await openWith(clock, path);
  const events = await collect(store, { all: true });
  expect(events.map(({ position }) => position)).toEqual(Array.from({ length: 2 * JUMPS.length }, (_, index) => index));
  const times = events.map(({ time }) => time.getTime());
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

test("a lease that a jump forwards ends goes to another, and the one who had it is fenced, also when the clock is back", async () => {
  const [path, clock] = [temporaryFile(), jumpingClock()];
  await using store = await openWith(clock, path);
  await append(store);
  const first = await store.leases.acquire("balances", { owner: "first", durationMs: 1_000 });
  clock.jump(YEAR_MS);
  const second = await store.leases.acquire("balances", { owner: "second", durationMs: 1_000 });
  clock.jump(-YEAR_MS);
  await expect(moveUnder(store, first)).rejects.toMatchObject({ code: "fenced" });
  await moveUnder(store, second);
  expect(await store.checkpoint("balances")).toBe(0);
});

/** Moves the checkpoint that a lease guards to the first event. */
async function moveUnder(store: EventStore, lease: Lease | undefined): Promise<void> {
  if (lease === undefined) throw new Error("There is no lease.");
  await store.write([{ kind: "checkpoint", name: lease.name, expected: null, position: 0 as Position, fence: lease.fence }]);
}

test("a lease that a jump backwards makes long is given back and renewed by its owner as ever", async () => {
  const clock = jumpingClock();
  await using store = await openWith(clock);
  const lease = await store.leases.acquire("balances", { owner: "first", durationMs: 1_000 });
  clock.jump(-YEAR_MS);
  expect(await store.leases.acquire("balances", { owner: "second", durationMs: 1_000 })).toBeUndefined();
  if (lease === undefined) throw new Error("There is no lease.");
  const renewed = await store.leases.renew(lease, { durationMs: 1_000 });
  expect(renewed.until.getTime()).toBe(clock.now() + 1_000);
  clock.jump(1_001);
  expect(await store.leases.acquire("balances", { owner: "second", durationMs: 1_000 })).toMatchObject({ owner: "second" });
});

test("each event of a group is handled once, whichever way the clock jumps between claim and settlement", async () => {
  const clock = jumpingClock();
  await using store = await openWith(clock);
  await store.append("account-1", newEvents(12), { expectedVersion: "noStream" });
  await store.groups.create("mailer", { source: { category: "account" }, orderBy: "none", retryDelayMs: 1, maxAttempts: 100 });
  const jumps = [YEAR_MS, -YEAR_MS, 0, -2 * YEAR_MS, 3 * YEAR_MS, 0];
  for (let turn = 0; turn < 60; turn++) {
    const deliveries = await store.groups.claim("mailer", { consumer: `worker-${turn % 2}`, maxEvents: 2, leaseMs: 1_000 });
    clock.jump(jumps[turn % jumps.length] ?? 0);
    for (const { event, fence, attempt } of deliveries) {
      const outcome = attempt === 1 ? "retry" : "acknowledge";
      const handled = newEvent({ type: "Handled", data: String(event.position) });
      const effect =
        outcome === "retry" ? [] : [{ kind: "append", stream: "handled-1", expectedVersion: "any", events: [handled] } as const];
      const settlement = { kind: "settle", group: "mailer", deliveries: [{ position: event.position, fence, outcome }] } as const;
      await store.write([...effect, settlement]).catch(refuseAllButLost);
    }
  }
  const handled = (await collect(store, { stream: "handled-1" })).map(({ data }) => Number(data));
  expect(handled.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 12 }, (_, index) => index));
  expect(await store.groups.status("mailer")).toMatchObject({ waiting: 0, claimed: 0, parked: 0 });
});

function refuseAllButLost(error: unknown): void {
  expect(error).toMatchObject({ code: "delivery-lost" });
}

test("a claim that waits, a busy file and a subscription wait by a clock that does not jump", async () => {
  const clock = jumpingClock();
  await using store = await openWith(clock);
  await store.groups.create("mailer", { source: { all: true } });
  const claim = store.groups.claim("mailer", { consumer: "worker", waitMs: 30_000 });
  await using subscription = store.subscribe({ all: true });
  clock.jump(-YEAR_MS);
  await append(store);
  expect(await claim).toHaveLength(1);
  for await (const message of subscription) if (message.kind === "events" && message.events.length > 0) break;

  const soon = await store.groups.claim("mailer", { consumer: "other", waitMs: 20 });
  expect(soon).toEqual([]);
});
