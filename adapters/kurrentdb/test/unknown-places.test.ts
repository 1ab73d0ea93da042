import { InvalidArgument, position, type Position } from "@reactive-domain/core";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { after, at, type EventStore, type ReadOptions } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const HOLES = 3;
const APPENDS = 12;
const EVENTS = 100;
/** A place far from the ends of the log, with holes on both of its sides. */
const IN_A_HOLE = 6 * (EVENTS + HOLES) + 1;

/** A store whose log, like that of a node, can be read from no places but those of events; between these are events of the system that count as nothing. */
function withUnknownPlaces(store: EventStore): EventStore {
  const read = store.read.bind(store);
  store.read = (source, options = {}) => {
    const place = "all" in source && typeof options.from === "object" ? Object.values(options.from)[0] : undefined;
    if (typeof place === "number" && place > 0 && place % (EVENTS + HOLES) < HOLES)
      throw new InvalidArgument("from", "the position of an event", place);
    return read(source, options);
  };
  return store;
}

async function servedLog(): Promise<EventStore> {
  const inside = createInMemoryStore();
  for (let appends = 0; appends < APPENDS; appends++) {
    const holes = Array.from({ length: HOLES }, () => newEvent({ type: "$statsCollected" }));
    await inside.write([{ kind: "append", stream: "$stats", expectedVersion: "any", events: holes }], { systemStreams: true });
    await inside.append("account-1", newEvents(EVENTS), { expectedVersion: "any" });
  }
  const server = await serve(withUnknownPlaces(inside));
  const store = await openKurrentStore(server.url);
  onTestFinished(async () => {
    await store.close();
    await server.close();
    await inside.close();
  });
  return store;
}

async function positionsOf(store: EventStore, options: ReadOptions<Position>): Promise<readonly number[]> {
  const positions: number[] = [];
  for await (const event of store.read({ all: true }, { maxBatchEvents: 100, ...options })) positions.push(event.position);
  return positions;
}

describe("on a server that can be read from no places but those of events", () => {
  test.each([at, after])("the log is read from a place between events, both ways", async (from) => {
    const store = await servedLog();
    const all = await positionsOf(store, {});
    expect(all).toHaveLength(APPENDS * EVENTS);
    const place = from(position(IN_A_HOLE));
    expect(await positionsOf(store, { from: place })).toEqual(all.filter((one) => one > IN_A_HOLE));
    expect(await positionsOf(store, { from: place, direction: "backwards" })).toEqual(all.filter((one) => one < IN_A_HOLE).toReversed());
  });
});

test("the log is read backwards from its last event, though others write meanwhile", async () => {
  const inside = createInMemoryStore();
  const server = await serve(inside);
  const store = await openKurrentStore(server.url);
  onTestFinished(async () => {
    await store.close();
    await server.close();
    await inside.close();
  });
  const { position: last } = await store.append("account-1", newEvents(5), { expectedVersion: "noStream" });
  const read = inside.read.bind(inside);
  let looks = 0;
  inside.read = (source, options) => {
    // Behind the look at the end of the log.
    if (++looks === 2) void inside.append("account-1", newEvents(20), { expectedVersion: "any" });
    return read(source, options);
  };
  expect(await positionsOf(store, { from: at(last), direction: "backwards" })).toEqual([4, 3, 2, 1, 0]);
});
