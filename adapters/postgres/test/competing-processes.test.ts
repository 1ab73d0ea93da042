import type { Position } from "@reactive-domain/core";
import type { EventStore, Lease, RecordedEvent } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { postgresServers } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { startChild, writtenBy } from "./processes/child-process.ts";
import { storePlace } from "./processes/store-place.ts";

vi.setConfig({ testTimeout: 60_000 });

const GROUP = "mailer";
const LEASE = "balances";
const STREAMS = Array.from({ length: 20 }, (_, index) => `account-${index}`);

interface Handled {
  readonly position: number;
  readonly consumer: string;
}

interface Moved {
  readonly owner: string;
  readonly fence: number;
  readonly position: number;
}

async function openWithGroup(url: string, count: number): Promise<EventStore> {
  const store = await openPostgresStore(url);
  for (let index = 0; index < count; index += 10)
    await store.append(STREAMS[(index / 10) % STREAMS.length] ?? "", newEvents(10), { expectedVersion: "any" });
  await store.groups.create(GROUP, { source: { all: true }, filter: { types: ["AmountDeposited"] } });
  return store;
}

async function told<T>(store: EventStore, stream: string): Promise<readonly T[]> {
  return (await collect(store, { stream })).map(({ data }) => JSON.parse(String(data)) as T);
}

/** Asserts that each event has led to one consequence, in the order of its stream. */
async function expectHandledOnce(store: EventStore, events: readonly RecordedEvent[]): Promise<readonly Handled[]> {
  const handled = await told<Handled>(store, "handled-1");
  const positions: readonly number[] = handled.map(({ position }) => position);
  expect(positions.toSorted((one, other) => one - other)).toEqual(events.map(({ position }) => position));
  for (const stream of STREAMS) {
    const ofStream: readonly number[] = events.filter((event) => event.stream === stream).map(({ position }) => position);
    expect(positions.filter((position) => ofStream.includes(position))).toEqual(ofStream);
  }
  expect(await store.groups.status(GROUP)).toMatchObject({ waiting: 0, claimed: 0, parked: 0 });
  return handled;
}

/** Takes a lease as soon as its holder has lost it. */
async function takeOver(store: EventStore): Promise<Lease> {
  return vi.waitUntil(() => store.leases.acquire(LEASE, { owner: "test", durationMs: 60_000 }), { timeout: 30_000, interval: 5 });
}

describe.each(await postgresServers())("$name", ({ url: server }) => {
  test("consumers in several processes share the events of a group, each once, those of a stream in order", async () => {
    const url = storePlace(server);
    await using store = await openWithGroup(url, 600);
    const consumers = ["red", "green", "blue", "grey"].map((name) => startChild("child-consumer.ts", url, name));
    expect(await Promise.all(consumers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    const handled = await expectHandledOnce(store, await collect(store, { category: "account" }));
    expect(new Set(handled.map(({ consumer }) => consumer)).size).toBeGreaterThan(1);
  });

  test("what a killed consumer had goes to another process, and nothing is handled twice", async () => {
    const url = storePlace(server);
    await using store = await openWithGroup(url, 600);
    const [killed, other] = [startChild("child-consumer.ts", url, "killed"), startChild("child-consumer.ts", url, "other")];
    await killed.until(20);
    killed.process.kill("SIGKILL");
    expect(await killed.ended).toBe("SIGKILL");
    expect(await other.ended).toBe(0);
    const handled = await expectHandledOnce(store, await collect(store, { category: "account" }));
    expect(handled.filter(({ consumer }) => consumer === "killed").length).toBeGreaterThanOrEqual(writtenBy(killed).length);
  });

  test("consumers of one process handle what a killed writer of another has left in the log", async () => {
    const url = storePlace(server);
    await using store = await openWithGroup(url, 0);
    const consumer = startChild("child-consumer.ts", url, "red");
    const writer = startChild("child-writer.ts", url, "other", 1_000_000);
    await writer.until(200);
    writer.process.kill("SIGKILL");
    expect(await writer.ended).toBe("SIGKILL");
    expect(await consumer.ended).toBe(0);
    await expectHandledOnce(store, await collect(store, { eventType: "AmountDeposited" }));
  });

  test("a claim that waits is woken by what another store writes", async () => {
    const url = storePlace(server);
    await using store = await openWithGroup(url, 0);
    await using other = await openPostgresStore(url);
    const claimed = store.groups.claim(GROUP, { consumer: "worker-1", waitMs: 30_000 });
    await other.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    expect((await claimed).map(({ event }) => event.position)).toEqual([0]);
  });

  test("workers in several processes that compete for a lease move its checkpoint one after another, and none that has lost it does", async () => {
    const url = storePlace(server);
    const end = 100;
    await using store = await openPostgresStore(url);
    await store.append("account-1", newEvents(end + 1), { expectedVersion: "noStream" });
    const workers = ["red", "green", "blue"].map((name) => startChild("child-worker.ts", url, name, end));
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

    const moves = await told<Moved>(store, "moves-1");
    expect(moves.map(({ position }) => position)).toEqual(Array.from({ length: end + 1 }, (_, position) => position));
    const fences = moves.map(({ fence }) => fence);
    expect(fences).toEqual(fences.toSorted((one, other) => one - other));
    const owners = new Map(moves.map(({ fence, owner }) => [fence, owner]));
    for (const { fence, owner } of moves) expect(owners.get(fence)).toBe(owner);
    expect(new Set(owners.values()).size).toBeGreaterThan(1);
    const lines = workers.flatMap(({ said }) => said);
    expect(lines.filter(([word]) => word === "moved")).toHaveLength(moves.length);
    expect(lines.some(([word, code]) => word === "refused" && code === "fenced")).toBe(true);
    // Whoever holds the lease is the only one to move the checkpoint.
    expect(new Set(lines.flatMap(([word, code]) => (word === "refused" ? [code] : [])))).toEqual(new Set(["fenced"]));
  });

  test("a process that stood still while its lease went to another cannot move the checkpoint", async () => {
    const url = storePlace(server);
    await using store = await openPostgresStore(url);
    await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
    const holder = startChild("child-holder.ts", url, 300);
    await holder.until(1);
    holder.process.kill("SIGSTOP");
    const { fence } = await takeOver(store);
    expect(holder.said).toEqual([["held", String(fence - 1)]]);
    await store.write([{ kind: "checkpoint", name: LEASE, expected: null, position: 1 as Position, fence }]);
    await store.write([{ kind: "checkpoint", name: LEASE, expected: 1 as Position, position: null, fence }]);
    holder.process.kill("SIGCONT");
    holder.process.stdin?.write("move\n");
    expect(await holder.ended).toBe(0);
    expect(holder.said.at(-1)).toEqual(["fenced"]);
    expect(await store.checkpoint(LEASE)).toBe(null);
  });

  test("a process that holds its lease moves the checkpoint, and no other does", async () => {
    const url = storePlace(server);
    await using store = await openPostgresStore(url);
    await store.append("account-1", newEvents(1), { expectedVersion: "noStream" });
    const holder = startChild("child-holder.ts", url, 60_000);
    await holder.until(1);
    expect(await store.leases.acquire(LEASE, { owner: "test", durationMs: 1_000 })).toBe(undefined);
    const without = store.write([{ kind: "checkpoint", name: LEASE, expected: null, position: 0 as Position }]);
    await expect(without).rejects.toMatchObject({ code: "fenced" });
    holder.process.stdin?.write("move\n");
    expect(await holder.ended).toBe(0);
    expect(holder.said.at(-1)).toEqual(["moved"]);
    expect(await store.checkpoint(LEASE)).toBe(0);
  });
});
