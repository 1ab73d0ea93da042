import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { expect } from "vitest";
import { collect } from "../collect.ts";
import { newEvent, newEvents } from "../new-event.ts";
import { writtenBy } from "./start-child.ts";
import type { StoreCases, TestedStores } from "./store-cases.ts";

const GROUP = "mailer";
const STREAMS = Array.from({ length: 20 }, (_, index) => `account-${index}`);

interface Handled {
  readonly position: number;
  readonly consumer: string;
}

/** What consumers of one group in several processes may rely on. */
export const COMPETING_CONSUMERS: StoreCases = {
  "consumers in several processes share the events of a group, each once, those of a stream in order": async (stores) => {
    const place = stores.newPlace();
    await using store = await openWithGroup(stores, place, 600);
    const consumers = ["red", "green", "blue", "grey"].map((name) => stores.startConsumer(place, name));
    expect(await Promise.all(consumers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    const handled = await expectHandledOnce(store, await collect(store, { category: "account" }));
    expect(new Set(handled.map(({ consumer }) => consumer)).size).toBeGreaterThan(1);
  },

  "what a killed consumer had goes to another process, and nothing is handled twice": async (stores) => {
    const place = stores.newPlace();
    await using store = await openWithGroup(stores, place, 600);
    const [killed, other] = [stores.startConsumer(place, "killed"), stores.startConsumer(place, "other")];
    await killed.until(20);
    killed.process.kill("SIGKILL");
    expect(await killed.ended).toBe("SIGKILL");
    expect(await other.ended).toBe(0);
    const handled = await expectHandledOnce(store, await collect(store, { category: "account" }));
    expect(handled.filter(({ consumer }) => consumer === "killed").length).toBeGreaterThanOrEqual(writtenBy(killed).length);
  },

  "consumers of one process handle what a killed writer of another has left in the log": async (stores) => {
    const place = stores.newPlace();
    await using store = await openWithGroup(stores, place, 0);
    const consumer = stores.startConsumer(place, "red");
    const writer = stores.startWriter(place, "other", 1_000_000);
    await writer.until(200);
    writer.process.kill("SIGKILL");
    expect(await writer.ended).toBe("SIGKILL");
    expect(await consumer.ended).toBe(0);
    await expectHandledOnce(store, await collect(store, { eventType: "AmountDeposited" }));
  },

  "a claim that waits is woken by what another store writes": async (stores) => {
    const place = stores.newPlace();
    await using store = await openWithGroup(stores, place, 0);
    await using other = await stores.open(place);
    const claimed = store.groups.claim(GROUP, { consumer: "worker-1", waitMs: 30_000 });
    await other.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    expect((await claimed).map(({ event }) => event.position)).toEqual([0]);
  },
};

async function openWithGroup(stores: TestedStores, place: string, count: number): Promise<EventStore> {
  const store = await stores.open(place);
  for (let index = 0; index < count; index += 10)
    await store.append(STREAMS[(index / 10) % STREAMS.length] ?? "", newEvents(10), { expectedVersion: "any" });
  await store.groups.create(GROUP, { source: { all: true }, filter: { types: ["AmountDeposited"] } });
  return store;
}

/** Asserts that each event has led to one consequence, in the order of its stream. */
async function expectHandledOnce(store: EventStore, events: readonly RecordedEvent[]): Promise<readonly Handled[]> {
  const handled = (await collect(store, { stream: "handled-1" })).map(({ data }) => JSON.parse(String(data)) as Handled);
  const positions: readonly number[] = handled.map(({ position }) => position);
  expect(positions.toSorted((one, other) => one - other)).toEqual(events.map(({ position }) => position));
  for (const stream of STREAMS) {
    const ofStream: readonly number[] = events.filter((event) => event.stream === stream).map(({ position }) => position);
    expect(positions.filter((position) => ofStream.includes(position))).toEqual(ofStream);
  }
  expect(await store.groups.status(GROUP)).toMatchObject({ waiting: 0, claimed: 0, parked: 0 });
  return handled;
}
