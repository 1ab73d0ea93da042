import assert from "node:assert/strict";
import type { EventStore, ReadSource, RecordedEvent } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { fill } from "./new-event.ts";
import { eventsOf, idsOf, positionsOf } from "./reading.ts";

const ENTRIES = [
  ["account-1", "Opened"],
  ["account2-1", "Opened"],
  ["account-2", "AccountOpened"],
  ["account", "Opened"],
  ["accoun-1", "opened"],
  ["Account-1", "Opened"],
  ["account-1-2", "Opened2"],
  ["account-1", "Deposited"],
  ["bank.account-1", "Opened"],
  ["account-1", "Opened"],
] as const;

/** Which events belong to a category and to an event type. */
export const sourceCases: readonly ConformanceCase[] = [
  storeCase(
    "a category holds every event of its streams once, in commit order, with its own stream and version",
    ["F11"],
    async (store) => {
      const events = await fill(store, ENTRIES);
      const category = await eventsOf(store.read({ category: "account" }));
      assert.deepEqual(placesOf(category), [
        "0 account-1 0",
        "2 account-2 0",
        "3 account 0",
        "6 account-1-2 0",
        "7 account-1 1",
        "9 account-1 2",
      ]);
      assert.deepEqual(
        idsOf(category),
        [0, 2, 3, 6, 7, 9].map((index) => events[index]?.id),
      );
    },
  ),

  storeCase("a category does not hold the streams of a longer one that begins the same", ["F11"], async (store) => {
    await fill(store, ENTRIES);
    assert.deepEqual(await streamsOf(store, { category: "account2" }), ["account2-1"]);
    assert.deepEqual(await streamsOf(store, { category: "accoun" }), ["accoun-1"]);
    assert.deepEqual(await streamsOf(store, { category: "Account" }), ["Account-1"]);
    assert.deepEqual(await streamsOf(store, { category: "bank.account" }), ["bank.account-1"]);
    assert.deepEqual(await streamsOf(store, { category: "a%" }), []);
    assert.deepEqual(await streamsOf(store, { category: "accoun_" }), []);
  }),

  storeCase("a category ends at the first dash of a name, and a name without a dash is a category of its own", ["F11"], async (store) => {
    await fill(store, [
      ["order-1-2", "Placed"],
      ["order", "Placed"],
      ["order-", "Placed"],
      ["orders", "Placed"],
      ["größe-😀-1", "Placed"],
    ]);
    assert.deepEqual(await streamsOf(store, { category: "order" }), ["order-1-2", "order", "order-"]);
    assert.deepEqual(await streamsOf(store, { category: "order-1" }), []);
    assert.deepEqual(await streamsOf(store, { category: "orders" }), ["orders"]);
    assert.deepEqual(await streamsOf(store, { category: "größe" }), ["größe-😀-1"]);
  }),

  storeCase(
    "an event type holds every event of that type once, in commit order, with its own stream and version",
    ["F11"],
    async (store) => {
      const events = await fill(store, ENTRIES);
      const opened = await eventsOf(store.read({ eventType: "Opened" }));
      const expected = ["0 account-1 0", "1 account2-1 0", "3 account 0", "5 Account-1 0", "8 bank.account-1 0", "9 account-1 2"];
      assert.deepEqual(placesOf(opened), expected);
      assert.deepEqual(
        idsOf(opened),
        [0, 1, 3, 5, 8, 9].map((index) => events[index]?.id),
      );
    },
  ),

  storeCase("an event type is matched whole, with its case", ["F11"], async (store) => {
    await fill(store, ENTRIES);
    for (const [eventType, positions] of [
      ["opened", [4]],
      ["Opened2", [6]],
      ["AccountOpened", [2]],
      ["Open", []],
      ["Opene_", []],
      ["%", []],
    ] as const) {
      assert.deepEqual(positionsOf(await eventsOf(store.read({ eventType }))), positions, eventType);
    }
  }),

  storeCase("a stream holds its own events only, whatever the names of others", ["F1"], async (store) => {
    await fill(store, ENTRIES);
    for (const [stream, positions] of [
      ["account-1", [0, 7, 9]],
      ["account", [3]],
      ["account-1-2", [6]],
      ["Account-1", [5]],
      ["account-", []],
      ["account-%", []],
      ["account__", []],
    ] as const) {
      assert.deepEqual(positionsOf(await eventsOf(store.read({ stream }))), positions, stream);
    }
  }),
];

async function streamsOf(store: EventStore, source: ReadSource): Promise<readonly string[]> {
  const events = await eventsOf(store.read(source));
  return events.map(({ stream }) => stream);
}

function placesOf(events: readonly RecordedEvent[]): readonly string[] {
  return events.map(({ position, stream, version }) => `${position} ${stream} ${version}`);
}
