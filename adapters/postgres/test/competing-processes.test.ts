import type { Position } from "@reactive-domain/core";
import type { EventStore, Lease } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvents } from "@reactive-domain/store-tests";
import { COMPETING_CONSUMERS, testStores } from "@reactive-domain/store-tests/vitest";
import { postgresServers } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { postgresStores } from "./postgres-stores.ts";
import { startProgram } from "./processes/start-program.ts";
import { storePlace } from "./processes/store-place.ts";

vi.setConfig({ testTimeout: 60_000 });

const LEASE = "balances";

interface Moved {
  readonly owner: string;
  readonly fence: number;
  readonly position: number;
}

/** Takes a lease as soon as its holder has lost it. */
async function takeOver(store: EventStore): Promise<Lease> {
  return vi.waitUntil(() => store.leases.acquire(LEASE, { owner: "test", durationMs: 60_000 }), { timeout: 30_000, interval: 5 });
}

describe.each(await postgresServers())("$name", ({ url: server }) => {
  testStores(COMPETING_CONSUMERS, postgresStores(server));

  test("workers in several processes that compete for a lease move its checkpoint one after another, and none that has lost it does", async () => {
    const url = storePlace(server);
    const end = 100;
    await using store = await openPostgresStore(url);
    await store.append("account-1", newEvents(end + 1), { expectedVersion: "noStream" });
    const workers = ["red", "green", "blue"].map((name) => startProgram("child-worker.ts", url, name, end));
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

    const moves = (await collect(store, { stream: "moves-1" })).map(({ data }) => JSON.parse(String(data)) as Moved);
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
    const holder = startProgram("child-holder.ts", url, 300);
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
    const holder = startProgram("child-holder.ts", url, 60_000);
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
