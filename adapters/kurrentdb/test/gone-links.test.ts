import { position, type Position } from "@reactive-domain/core";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { after, at, type EventStore, type ReadOptions } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const GONE = 6_000;
const LIVE = 3;
/** A call for each of these would be far more. */
const FEW_READS = 100;

type Order = readonly ("gone" | "live")[];

/** Streams of a category of which one has lost its events, and a store through a server that is told how often it was read. */
async function servedCategory(order: Order) {
  const inside = createInMemoryStore();
  for (const name of order)
    for (let left = name === "gone" ? GONE : LIVE; left > 0; left -= 1_000)
      await inside.append(`cat-${name}`, newEvents(Math.min(left, 1_000)), { expectedVersion: "any" });
  await inside.write([{ kind: "delete", stream: "cat-gone", expectedVersion: "any" }]);
  const server = await serve(inside);
  const store = await openKurrentStore(server.url);
  onTestFinished(async () => {
    await store.close();
    await server.close();
    await inside.close();
  });
  const read = inside.read.bind(inside);
  const told = { reads: 0 };
  inside.read = (source, options) => {
    // Beside each call the server looks once whether the projection runs.
    if (!("stream" in source && source.stream.startsWith("$projections-"))) told.reads++;
    return read(source, options);
  };
  return { inside, store, told };
}

async function positionsOf(store: EventStore, options: ReadOptions<Position>): Promise<readonly number[]> {
  const positions: number[] = [];
  for await (const event of store.read({ category: "cat" }, { maxBatchEvents: 2, ...options })) positions.push(event.position);
  return positions;
}

const between: Order = ["live", "gone", "live"];

describe("a category of which thousands of events are gone", () => {
  const behind = Array.from({ length: LIVE }, (_, index) => LIVE + GONE + index);

  test.each([1, LIVE, 2_000, GONE - 1, GONE + LIVE - 1])("is read from place %i among them in few calls", async (place) => {
    const { store, told } = await servedCategory(between);
    const all = [0, 1, 2, ...behind];
    expect(await positionsOf(store, { from: at(position(place)) })).toEqual(all.filter((one) => one >= place));
    expect(told.reads).toBeLessThan(FEW_READS);
  });

  test.each([1, LIVE, 2_000, GONE + LIVE - 1, GONE + LIVE + 1])("is read backwards from place %i in few calls", async (place) => {
    const { store, told } = await servedCategory(between);
    const all = [0, 1, 2, ...behind];
    const found = await positionsOf(store, { from: at(position(place)), direction: "backwards" });
    expect(found).toEqual(all.filter((one) => one <= place).toReversed());
    expect(told.reads).toBeLessThan(FEW_READS);
  });

  test("is read in few calls where they are its last, and does not show them as if they had no links", async () => {
    const { store, told } = await servedCategory(["live", "gone"]);
    expect(await positionsOf(store, {})).toEqual([0, 1, 2]);
    expect(await positionsOf(store, { from: at(position(2)) })).toEqual([2]);
    expect(await positionsOf(store, { direction: "backwards" })).toEqual([2, 1, 0]);
    expect(told.reads).toBeLessThan(2 * FEW_READS);
  });

  test("is followed in few calls, page by page", async () => {
    const { inside, store, told } = await servedCategory(["live", "gone"]);
    await using followed = store.subscribe({ category: "cat" }, { from: after(position(GONE)) });
    const found: number[] = [];
    const writing = (async () => {
      for (let events = 0; events < 5; events++) await inside.append("cat-live", [newEvent()], { expectedVersion: "any" });
    })();
    for await (const message of followed) {
      if (message.kind === "events") found.push(...message.events.map((event) => event.position));
      if (found.length === 5) break;
    }
    await writing;
    expect(found).toEqual([0, 1, 2, 3, 4].map((index) => LIVE + GONE + index));
    expect(told.reads).toBeLessThan(2 * FEW_READS);
  });
});
