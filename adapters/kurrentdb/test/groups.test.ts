import { join } from "node:path";
import { KurrentDBClient, persistentSubscriptionToAllSettingsFromDefaults } from "@kurrent/kurrentdb-client";
import { sleep } from "@reactive-domain/core";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import type { Delivery, EventStore, GroupDefinition, Settlement } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvents } from "@reactive-domain/store-tests";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { startChild, temporaryDirectory, type Child } from "@reactive-domain/store-tests/vitest";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const GROUP = "mailer";
const ALL: GroupDefinition = { source: { all: true } };

async function served(inside: EventStore = createInMemoryStore()) {
  const server = await serve(inside);
  const stores: EventStore[] = [];
  onTestFinished(async () => {
    for (const store of stores) await store.close();
    await server.close();
    await inside.close();
  });
  const open = async (): Promise<EventStore> => {
    const store = await openKurrentStore(server.url, { retryForMs: 10_000 });
    stores.push(store);
    return store;
  };
  return { server, inside, open };
}

function claim(store: EventStore, consumer = "red", maxEvents = 100): Promise<readonly Delivery[]> {
  return store.groups.claim(GROUP, { consumer, maxEvents, leaseMs: 60_000, waitMs: 10_000 });
}

function settle(store: EventStore, deliveries: readonly Delivery[], outcome: Settlement["outcome"] = "acknowledge") {
  return store.write([
    { kind: "settle", group: GROUP, deliveries: deliveries.map(({ position, fence }) => ({ position, fence, outcome, error: "no" })) },
  ]);
}

const versionsOf = (deliveries: readonly Delivery[]): readonly number[] => deliveries.map(({ event }) => event.version);

function versionsIn({ said }: Child, word: string): readonly number[] {
  return said.filter(([first]) => first === word).map(([, , version]) => Number(version));
}

describe.each(everyStore)("a consumer group through a server over $name", ({ open }) => {
  test("a process that is killed in the middle loses nothing: others go on with what it had", async () => {
    const { server, open: openStore } = await served(await open());
    const store = await openStore();
    for (let stream = 0; stream < 5; stream++) await store.append(`account-${stream}`, newEvents(40), { expectedVersion: "any" });
    await store.groups.create(GROUP, { source: { category: "account" } });
    const program = new URL("child-worker.ts", import.meta.url);
    const first = startChild(program, server.url, "first", GROUP);
    await first.until(20);
    first.process.kill("SIGKILL");
    await first.ended;
    const others = [startChild(program, server.url, "second", GROUP), startChild(program, server.url, "third", GROUP)];
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0]);
    const settled = new Set([first, ...others].flatMap(({ said }) => said.filter(([word]) => word === "settled").map(String)));
    expect(settled.size).toBe(200);
    expect(versionsIn(first, "taken").length).toBeLessThan(200);
    expect(await store.groups.claim(GROUP, { consumer: "last" })).toEqual([]);
  }, 90_000);

  test("what is parked by one process is seen and replayed by another, with its error and its attempts", async () => {
    const { open: openStore } = await served(await open());
    const [one, other] = [await openStore(), await openStore()];
    await one.append("account-1", newEvents(1), { expectedVersion: "any" });
    await one.groups.create(GROUP, ALL);
    await settle(one, await claim(one), "park");
    const parked = async () => (await other.groups.parked(GROUP)).map(({ event, error, attempts }) => [event.version, error, attempts]);
    await expect.poll(parked).toEqual([[0, "no", 1]]);
    expect(await other.groups.replayParked(GROUP)).toBe(1);
    expect(versionsOf(await claim(one))).toEqual([0]);
    expect(await other.groups.parked(GROUP)).toEqual([]);
  });
});

test("a server that is killed and comes back has lost nothing, and repeats nothing of what this process has settled", async () => {
  const file = join(temporaryDirectory(), "store.db");
  const program = new URL("child-server.ts", import.meta.url);
  const first = startChild(program, file, 0);
  await first.until(1);
  const port = first.said[0]?.[1] ?? "";
  await using store = await openKurrentStore(`kurrentdb://127.0.0.1:${port}?tls=false`);
  await store.append("account-1", newEvents(10), { expectedVersion: "any" });
  await store.groups.create(GROUP, ALL);
  const before = await claim(store, "red", 6);
  await settle(store, before.slice(0, 3));
  first.process.kill("SIGKILL");
  await first.ended;
  const second = startChild(program, file, port);
  await second.until(1);
  const seen: number[] = [];
  for (let count = 0; count < 7;) {
    const deliveries = await claim(store, "green");
    seen.push(...versionsOf(deliveries));
    await settle(store, deliveries);
    count += deliveries.length;
  }
  expect(seen).toEqual([3, 4, 5, 6, 7, 8, 9]);
  await expect(settle(store, before.slice(3))).rejects.toMatchObject({ code: "delivery-lost" });
}, 60_000);

test("processes that take part beside each other get each event once between them", async () => {
  const { open } = await served();
  const stores = [await open(), await open()];
  const [store] = stores as [EventStore, EventStore];
  for (let stream = 0; stream < 20; stream++) await store.append(`account-${stream}`, newEvents(10), { expectedVersion: "any" });
  await store.groups.create(GROUP, ALL);
  const seen: string[] = [];
  const work = async (own: EventStore, consumer: string): Promise<void> => {
    while (seen.length < 200) {
      const deliveries = await own.groups.claim(GROUP, { consumer, maxEvents: 7, leaseMs: 60_000, waitMs: 100 });
      seen.push(...deliveries.map(({ event }) => event.id));
      if (deliveries.length > 0) await settle(own, deliveries);
    }
  };
  await Promise.all(stores.map((own, index) => work(own, `worker-${index}`)));
  expect(new Set(seen).size).toBe(200);
}, 30_000);

test("what nobody asks for in this process goes to another", async () => {
  const { open } = await served();
  const [idle, busy] = [await open(), await open()];
  await idle.append("account-1", newEvents(5), { expectedVersion: "any" });
  await idle.groups.create(GROUP, ALL);
  await settle(idle, await claim(idle, "red", 2));
  expect(versionsOf(await claim(busy))).toEqual([2, 3, 4]);
}, 30_000);

test("persistent subscriptions of others are no groups, and a group whose subscription others have deleted is not there, and can be made again", async () => {
  const { open, server } = await served();
  const store = await open();
  const client = KurrentDBClient.connectionString(server.url);
  onTestFinished(() => client.dispose());
  await client.createPersistentSubscriptionToAll("theirs", persistentSubscriptionToAllSettingsFromDefaults());
  await store.groups.create(GROUP, ALL);
  await store.groups.create("letters", { source: { stream: "account-1" } });
  expect((await store.groups.list()).map(({ name }) => name)).toEqual(["letters", GROUP]);
  const all = await client.listAllPersistentSubscriptions();
  const ours = all.find(({ groupName }) => groupName.startsWith("mailer-"))?.groupName ?? "";
  await client.deletePersistentSubscriptionToAll(ours);
  expect((await store.groups.list()).map(({ name }) => name)).toEqual(["letters"]);
  await expect(store.groups.claim(GROUP, { consumer: "red" })).rejects.toMatchObject({ code: "group-not-found" });
  expect(await store.groups.create(GROUP, ALL)).toBe(true);
  expect((await store.groups.list()).map(({ name }) => name)).toEqual(["letters", GROUP]);
  expect((await client.listAllPersistentSubscriptions()).map(({ groupName }) => groupName)).toContain("theirs");
});

test("where the stream of the definitions was deleted for ever by others, making a group says so at once", async () => {
  const { open, inside } = await served();
  const store = await open();
  await store.groups.create(GROUP, ALL);
  await inside.write([{ kind: "tombstone", stream: "rd_group-definitions", expectedVersion: "any" }]);
  await expect(store.groups.create("more", ALL)).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
});

test("a group is deleted by another process under a claim that waits", async () => {
  const { open } = await served();
  const [one, other] = [await open(), await open()];
  await one.groups.create(GROUP, ALL);
  const waiting = claim(one);
  const outcome = Promise.allSettled([waiting]);
  await sleep(200);
  expect(await other.groups.delete(GROUP)).toBe(true);
  expect(await outcome).toMatchObject([{ status: "rejected", reason: { code: "group-not-found" } }]);
});

test("parked events cannot be chosen, which is refused with the reason", async () => {
  const { open } = await served();
  const store = await open();
  await store.groups.create(GROUP, ALL);
  for (const options of [{ positions: [] }, { error: "no" }])
    await expect(store.groups.replayParked(GROUP, options)).rejects.toMatchObject({ code: "not-supported" });
});

test("events of a write are in before its settlement is told, and where they are refused nothing is settled", async () => {
  const { open } = await served();
  const store = await open();
  await store.append("account-1", newEvents(1), { expectedVersion: "any" });
  await store.groups.create(GROUP, ALL);
  const [delivery = expect.fail("There must be a delivery.")] = await claim(store);
  const { position, fence } = delivery;
  const settling = (expectedVersion: "noStream" | "exists") =>
    store.write([
      { kind: "settle", group: GROUP, deliveries: [{ position, fence, outcome: "acknowledge" }] },
      { kind: "append", stream: "letters-1", expectedVersion, events: newEvents(1) },
    ]);
  await expect(settling("exists")).rejects.toMatchObject({ code: "wrong-expected-version" });
  expect((await store.groups.status(GROUP)).claimed).toBe(1);
  await settling("noStream");
  expect((await store.groups.status(GROUP)).claimed).toBe(0);
});
