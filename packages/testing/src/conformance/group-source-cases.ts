import assert from "node:assert/strict";
import { position } from "@reactive-domain/core";
import { after, type EventFilter, type EventStore, type GroupDefinition, type ReadSource } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { claim, eventsIn, makeGroup, placesOf, settle } from "./group-work.ts";
import { fill, newEvent } from "./new-event.ts";
import { idsOf } from "./reading.ts";

/** What a group is made of, and where that is in {@link fillLog}. */
const SOURCES: readonly (readonly [what: string, source: ReadSource, places: readonly number[]])[] = [
  ["a stream", { stream: "account-1" }, [0, 3, 5]],
  ["a category", { category: "account" }, [0, 1, 3, 5]],
  ["an event type", { eventType: "AmountDeposited" }, [0, 2, 3]],
  ["the whole log", { all: true }, [0, 1, 2, 3, 4, 5]],
];

const FILTERS: readonly (readonly [what: string, filter: EventFilter, places: readonly number[]])[] = [
  ["types", { types: ["AmountWithdrawn", "Unknown"] }, [1, 4, 5]],
  ["categories", { categories: ["order", "unknown"] }, [2, 4]],
  ["stream prefix", { streamPrefix: "account-2" }, [1]],
  ["correlation id", { correlationId: "chain-1" }, [6, 8]],
  ["several conditions", { types: ["AmountDeposited"], categories: ["account"] }, [0, 3, 6, 7, 8]],
];

const WRITTEN_BY_ONE = 20;

/** What a group delivers: of which source, through which filter, from where. */
export const groupSourceCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    ...SOURCES.map(([what, source, places]) =>
      storeCase(`a group on ${what} delivers its events in the order of the log, each once, then what is appended`, [], async (store) => {
        await fillLog(store);
        await makeGroup(store, { source });
        const first = await claim(store);
        assert.deepEqual(placesOf(first), places);
        assert.deepEqual(await claim(store, { consumer: "worker-2" }), [], "What is with a consumer is not delivered.");
        await settle(store, first, "acknowledge");
        const [later] = await fill(store, [["account-1", "AmountDeposited"]]);
        assert.deepEqual(idsOf(eventsIn(await claim(store))), [later?.id]);
      }),
    ),

    ...FILTERS.map(([what, filter, places]) =>
      storeCase(`a group with a filter by ${what} delivers exactly what it lets through`, [], async (store) => {
        await fillLog(store);
        for (const correlationId of ["chain-1", "chain-10", "chain-1"]) await append(store, JSON.stringify({ correlationId }));
        await makeGroup(store, { filter });
        assert.deepEqual(placesOf(await claim(store)), places);
      }),
    ),

    ...SOURCES.map(([what, source]) =>
      storeCase(`a group on ${what} delivers what is written beside its claims once`, [], async (store) => {
        await makeGroup(store, { source, orderBy: "none" });
        const seen: number[] = [];
        const write = async (): Promise<void> => {
          for (let count = 0; count < WRITTEN_BY_ONE; count++) await fill(store, [["account-1", "AmountDeposited"]]);
        };
        const consume = async (consumer: string): Promise<void> => {
          while (seen.length < 4 * WRITTEN_BY_ONE) {
            const deliveries = await claim(store, { consumer, maxEvents: 10, waitMs: 100 });
            seen.push(...placesOf(deliveries));
            if (deliveries.length > 0) await settle(store, deliveries, "acknowledge");
          }
        };
        await Promise.all([write(), write(), write(), write(), consume("worker-1"), consume("worker-2")]);
        assert.deepEqual(
          seen.toSorted((one, other) => one - other),
          Array.from({ length: 4 * WRITTEN_BY_ONE }, (_, place) => place),
        );
      }),
    ),

    storeCase(
      "a group begins at the start, at the end, or behind a position, in positions of the log also for a stream",
      [],
      async (store) => {
        await fillLog(store);
        const expected: readonly (readonly [GroupDefinition["from"], all: readonly number[], stream: readonly number[]])[] = [
          ["start", [0, 1, 2, 3, 4, 5], [0, 3, 5]],
          [after(position(0)), [1, 2, 3, 4, 5], [3, 5]],
          [after(position(2)), [3, 4, 5], [3, 5]],
          [after(position(3)), [4, 5], [5]],
          [after(position(5)), [], []],
          ["end", [], []],
        ];
        for (const [index, [from = "start", all, stream]] of expected.entries()) {
          assert.deepEqual(await placesFrom(store, `all-${index}`, { source: { all: true }, from }), all);
          assert.deepEqual(await placesFrom(store, `stream-${index}`, { source: { stream: "account-1" }, from }), stream);
        }
      },
    ),

    storeCase("the end at which a group begins is that of the moment when it was made", [], async (store) => {
      await fillLog(store);
      await makeGroup(store, { from: "end" });
      const later = await fill(store, [
        ["account-1", "AmountDeposited"],
        ["order-1", "OrderPlaced"],
      ]);
      assert.deepEqual(idsOf(eventsIn(await claim(store))), idsOf(later));
    }),

    storeCase("a group on what does not exist yet delivers it when it does", [], async (store) => {
      await makeGroup(store, { source: { stream: "account-1" } });
      assert.deepEqual(await claim(store), []);
      await fillLog(store);
      assert.deepEqual(placesOf(await claim(store)), [0, 3, 5]);
    }),

    storeCase("a delivery holds the whole event, and tells its group, attempt, token and end", [], async (store) => {
      const event = newEvent({
        data: Uint8Array.of(0, 255),
        contentType: "application/octet-stream",
        metadata: '{"a": 1}',
        schemaVersion: 3,
      });
      await store.append("account-1", [event], { expectedVersion: "any" });
      await makeGroup(store);
      const [delivery = assert.fail("There must be a delivery.")] = await claim(store);
      const { stream, version, position: place, id, type, schemaVersion, contentType, data, metadata } = delivery.event;
      assert.deepEqual({ stream, version, place }, { stream: "account-1", version: 0, place: 0 });
      assert.deepEqual(
        { id, type, schemaVersion, contentType, metadata, data: new Uint8Array(data as Uint8Array) },
        { ...event, data: Uint8Array.of(0, 255) },
      );
      assert.deepEqual({ group: delivery.group, attempt: delivery.attempt }, { group: "mailer", attempt: 1 });
      assert.ok(Number.isSafeInteger(delivery.fence) && delivery.fence >= 1, "A token must be an integer from 1.");
      assert.ok(delivery.until instanceof Date && delivery.until > delivery.event.time, "The lease must end later.");
    }),
  ],
);

/** Positions 0 to 5. */
async function fillLog(store: EventStore): Promise<void> {
  await fill(store, [
    ["account-1", "AmountDeposited"],
    ["account-2", "AmountWithdrawn"],
    ["order-1", "AmountDeposited"],
    ["account-1", "AmountDeposited"],
    ["order-1", "AmountWithdrawn"],
    ["account-1", "AmountWithdrawn"],
  ]);
}

function append(store: EventStore, metadata: string): Promise<unknown> {
  return store.append("account-3", [newEvent({ metadata })], { expectedVersion: "any" });
}

async function placesFrom(store: EventStore, name: string, definition: GroupDefinition): Promise<readonly number[]> {
  await store.groups.create(name, definition);
  return placesOf(await store.groups.claim(name, { consumer: "worker-1", maxEvents: 100 }));
}
