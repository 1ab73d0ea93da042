import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expect, test, vi } from "vitest";
import { startChildConsumer, startChildWriter } from "./child-process.ts";
import { temporaryFile } from "./temporary-file.ts";

vi.setConfig({ testTimeout: 60_000 });

const GROUP = "mailer";
const STREAMS = Array.from({ length: 20 }, (_, index) => `account-${index}`);

interface Handled {
  readonly position: number;
  readonly consumer: string;
}

async function openWithGroup(path: string, count: number): Promise<EventStore> {
  const store = await openSqliteStore(path, { pollIntervalMs: 5 });
  for (let index = 0; index < count; index += 10)
    await store.append(STREAMS[(index / 10) % STREAMS.length] ?? "", newEvents(10), { expectedVersion: "any" });
  await store.groups.create(GROUP, { source: { all: true }, filter: { types: ["AmountDeposited"] } });
  return store;
}

async function handledIn(store: EventStore): Promise<readonly Handled[]> {
  const events = await collect(store, { stream: "handled-1" });
  return events.map(({ data }) => JSON.parse(String(data)) as Handled);
}

/** Asserts that each event has led to one consequence, in the order of its stream. */
async function expectHandledOnce(store: EventStore, events: readonly RecordedEvent[]): Promise<readonly Handled[]> {
  const handled = await handledIn(store);
  const positions: readonly number[] = handled.map(({ position }) => position);
  expect(positions.toSorted((one, other) => one - other)).toEqual(events.map(({ position }) => position));
  for (const stream of STREAMS) {
    const ofStream: readonly number[] = events.filter((event) => event.stream === stream).map(({ position }) => position);
    expect(positions.filter((position) => ofStream.includes(position))).toEqual(ofStream);
  }
  expect(await store.groups.status(GROUP)).toMatchObject({ waiting: 0, claimed: 0, parked: 0 });
  return handled;
}

test("consumers in several processes share the events of a group, each once, those of a stream in order", async () => {
  const path = temporaryFile();
  await using store = await openWithGroup(path, 600);
  const consumers = ["red", "green"].map((name) => startChildConsumer(path, name));
  expect(await Promise.all(consumers.map(({ ended }) => ended))).toEqual([0, 0]);
  const handled = await expectHandledOnce(store, await collect(store, { category: "account" }));
  expect(new Set(handled.map(({ consumer }) => consumer)).size).toBe(2);
});

test("what a killed consumer had goes to another process, and nothing is handled twice", async () => {
  const path = temporaryFile();
  await using store = await openWithGroup(path, 600);
  const [killed, other] = [startChildConsumer(path, "killed"), startChildConsumer(path, "other")];
  await killed.until(20);
  killed.child.kill("SIGKILL");
  expect(await killed.ended).toBe("SIGKILL");
  expect(await other.ended).toBe(0);
  const handled = await expectHandledOnce(store, await collect(store, { category: "account" }));
  expect(handled.filter(({ consumer }) => consumer === "killed").length).toBeGreaterThanOrEqual(killed.acknowledged.length);
});

test("consumers of one process handle what a killed writer of another has left in the log", async () => {
  const path = temporaryFile();
  await using store = await openWithGroup(path, 0);
  const consumer = startChildConsumer(path, "red");
  const writer = startChildWriter(path, "other", 1_000_000);
  await writer.until(200);
  writer.child.kill("SIGKILL");
  expect(await writer.ended).toBe("SIGKILL");
  expect(await consumer.ended).toBe(0);
  await expectHandledOnce(store, await collect(store, { eventType: "AmountDeposited" }));
});

test("a claim that waits is woken by what another process writes", async () => {
  const path = temporaryFile();
  await using store = await openWithGroup(path, 0);
  await using other = await openSqliteStore(path, { pollIntervalMs: 5 });
  const claimed = store.groups.claim(GROUP, { consumer: "worker-1", waitMs: 30_000 });
  await other.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  expect((await claimed).map(({ event }) => event.position)).toEqual([0]);
});
