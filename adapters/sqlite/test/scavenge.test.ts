import type { DeleteItem } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

function deletion(stream: string): DeleteItem {
  return { kind: "delete", stream, expectedVersion: "any" };
}

test("other processes go on behind the last event that a scavenge removed, and read over the holes", async () => {
  const path = temporaryFile();
  await using one = await openSqliteStore(path);
  await using two = await openSqliteStore(path);
  await two.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  const events = newEvents(3);
  await two.append("account-2", events, { expectedVersion: "noStream" });
  await one.write([deletion("account-2")]);
  expect(await one.scavenge()).toMatchObject({ events: 3 });
  expect((await collect(two, { all: true })).map(({ position }) => position)).toEqual([0]);
  expect(await two.append("account-2", events, { expectedVersion: "noStream" })).toMatchObject({
    version: 5,
    position: 6,
    repeated: false,
  });
});

test("the end of the log and its time are kept when everything was removed and the file was opened again", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
  const database = new Database(path);
  const later = Date.now() + 3_600_000;
  database.prepare("UPDATE events SET time = ?").run(later);
  database.close();
  await store.write([deletion("account-1")]);
  await store.scavenge();
  await store.close();
  await using again = await openSqliteStore(path);
  for await (const batch of again.read({ all: true }).batches()) expect(batch).toMatchObject({ events: [], head: 1, next: 2, isEnd: true });
  await again.append("account-2", [newEvent()], { expectedVersion: "noStream" });
  const [event] = await collect(again, { all: true });
  expect([event?.position, event?.time.getTime()]).toEqual([2, later]);
});

test("a long scavenge lets other writers have their turn", { timeout: 60_000 }, async () => {
  await using store = await openSqliteStore(temporaryFile());
  for (let stream = 0; stream < 4; stream++) await store.append(`account-${stream}`, newEvents(5_000), { expectedVersion: "noStream" });
  await store.write([0, 1, 2].map((stream) => deletion(`account-${stream}`)));
  const ends: string[] = [];
  const scavenged = store.scavenge().finally(() => ends.push("scavenge"));
  for (let turn = 0; turn < 6; turn++) {
    await store.append("order-1", [newEvent()], { expectedVersion: "any" });
    ends.push("append");
  }
  expect(await scavenged).toMatchObject({ events: 15_000 });
  expect(ends.indexOf("scavenge")).toBe(6);
  expect(await collect(store, { category: "account" })).toHaveLength(5_000);
});

test("many streams with little to remove are scavenged completely", { timeout: 60_000 }, async () => {
  await using store = await openSqliteStore(temporaryFile());
  const streams = Array.from({ length: 600 }, (_, index) => `account-${index}`);
  await Promise.all(streams.map((stream) => store.append(stream, newEvents(3), { expectedVersion: "noStream" })));
  await store.write(streams.map((stream) => ({ kind: "metadata", stream, metadata: { maxCount: 1 } })));
  expect(await store.scavenge()).toMatchObject({ events: 1_200 });
  expect(await store.scavenge()).toEqual({ events: 0, bytes: 0 });
});

test("a scavenge ends when its store is closed, and the next one goes on", { timeout: 60_000 }, async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  await store.append("account-1", newEvents(5_000), { expectedVersion: "noStream" });
  await store.write([deletion("account-1")]);
  const scavenged = store.scavenge();
  await new Promise(setImmediate);
  await store.close();
  await expect(scavenged).rejects.toMatchObject({ code: "already-closed" });
  await using again = await openSqliteStore(path);
  await again.scavenge();
  expect(await collect(again, { all: true })).toEqual([]);
  expect(await again.streamInfo("account-1")).toMatchObject({ state: "deleted", lastVersion: 4_999 });
});

test("scavenges and leases are refused with readOnly", async () => {
  const path = temporaryFile();
  await (await openSqliteStore(path)).close();
  await using reader = await openSqliteStore(path, { readOnly: true });
  const refusal = { code: "store-unavailable", retryable: false };
  await expect(reader.scavenge()).rejects.toMatchObject(refusal);
  await expect(reader.leases.acquire("balances", { owner: "worker-1", durationMs: 1_000 })).rejects.toMatchObject(refusal);
});

test("a lease that one process holds is refused to another", async () => {
  const path = temporaryFile();
  await using one = await openSqliteStore(path);
  await using two = await openSqliteStore(path);
  const asked = { durationMs: 60_000 };
  const [first, second] = await Promise.all([
    one.leases.acquire("balances", { owner: "worker-1", ...asked }),
    two.leases.acquire("balances", { owner: "worker-2", ...asked }),
  ]);
  expect([first, second].filter((lease) => lease !== undefined)).toHaveLength(1);
  const held = first ?? second;
  if (held !== undefined) await one.leases.release(held);
  expect(await two.leases.acquire("balances", { owner: "worker-3", ...asked })).toMatchObject({ fence: 2 });
});
