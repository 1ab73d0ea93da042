import { inspect } from "node:util";
import type { EventBatch, EventFilter, EventStore, ReadOptions, ReadSource } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { withRuntime, type Position } from "@reactive-domain/core";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

const STREAMS = ["account-1", "account-2", "accounting-1", "order", "order-1", "größe-1", "größe-😀"];
const TYPES = ["Opened", "Deposited", "Closed"];

const sources: fc.Arbitrary<ReadSource> = fc.oneof(
  fc.constantFrom(...STREAMS, "missing-1").map((stream) => ({ stream })),
  fc.constantFrom("account", "accounting", "order", "größe", "missing").map((category) => ({ category })),
  fc.constantFrom(...TYPES, "Missing").map((eventType) => ({ eventType })),
  fc.constant({ all: true as const }),
);

const filters: fc.Arbitrary<EventFilter> = fc.record(
  {
    types: fc.subarray(["Missing", ...TYPES]),
    streamPrefix: fc.constantFrom("", "acc", "account-", "order", "größ", "größe-", "größe-😀", "%", "_"),
  },
  { requiredKeys: [] },
);

const options: fc.Arbitrary<ReadOptions> = fc.record(
  {
    direction: fc.constantFrom("forwards" as const, "backwards" as const),
    from: fc.oneof(
      fc.constantFrom("start" as const, "end" as const),
      fc.nat(25).map((place) => ({ at: place as Position })),
      fc.nat(25).map((place) => ({ after: place as Position })),
    ),
    limit: fc.integer({ min: 1, max: 30 }),
    maxBatchEvents: fc.integer({ min: 1, max: 7 }),
    filter: filters,
  },
  { requiredKeys: [] },
);

const log = fc.array(fc.tuple(fc.constantFrom(...STREAMS), fc.constantFrom(...TYPES)), { maxLength: 30 });

async function fill(store: EventStore, entries: readonly (readonly [string, string])[]): Promise<void> {
  for (const [index, [stream, type]] of entries.entries()) {
    const id = `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`;
    await store.append(stream, [newEvent({ id, type })], { expectedVersion: "any" });
  }
}

async function batchesOf(store: EventStore, source: ReadSource, read: ReadOptions): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of store.read(source, read).batches()) batches.push(batch);
  return batches;
}

test("whatever is read, it is what the in-memory store gives", { timeout: 60_000 }, async () => {
  await withRuntime({ clock: { now: () => 1_700_000_000_000, monotonicMs: () => 0 } }, () =>
    fc.assert(
      fc.asyncProperty(log, fc.array(fc.tuple(sources, options), { minLength: 20, maxLength: 20 }), async (entries, reads) => {
        await using sqlite = await openSqliteStore(temporaryFile());
        await using memory = createInMemoryStore();
        await Promise.all([fill(sqlite, entries), fill(memory, entries)]);
        for (const [source, read] of reads) {
          const [actual, expected] = [await batchesOf(sqlite, source, read), await batchesOf(memory, source, read)];
          expect(actual.flatMap(({ events }) => events.map((event) => event.toJSON()))).toEqual(
            expected.flatMap(({ events }) => events.map((event) => event.toJSON())),
          );
          expect(pagesOf(actual, read)).toEqual(pagesOf(expected, read));
        }
      }),
      { numRuns: 40 },
    ),
  );
});

/** What batches tell beside their events. Where pages end under a filter is up to the store: then only what is true of all of them. */
function pagesOf(batches: readonly EventBatch[], { filter }: ReadOptions): readonly object[] {
  if (filter !== undefined) return batches.slice(0, 1).map(({ head, lastVersion }) => ({ head, lastVersion }));
  return batches.map(({ next, isEnd, head, lastVersion }) => ({ next, isEnd, head, lastVersion }));
}

test("a rare type is found in a long log, a window at a time", { timeout: 60_000 }, async () => {
  await using store = await openSqliteStore(temporaryFile());
  const rare = { type: "Rare" };
  for (let chunk = 0; chunk < 7; chunk++) {
    await store.append("account-1", [...newEvents(4_999), newEvent(chunk % 3 === 0 ? rare : {})], { expectedVersion: "any" });
  }
  const expected = [4_999, 19_999, 34_999];
  const filter = { types: ["Rare", "Missing"] };
  for (const source of [{ all: true }, { category: "account" }, { stream: "account-1" }] as const) {
    expect((await collect(store, source, { filter })).map(({ position }) => position)).toEqual(expected);
    const backwards = await collect(store, source, { filter, direction: "backwards" });
    expect(backwards.map(({ position }) => position)).toEqual(expected.toReversed());
  }
  const byType = await batchesOf(store, { all: true }, { filter: { types: ["Rare"] } });
  expect(byType).toHaveLength(1);
});

test("a subscription with a filter becomes live behind a long stretch that it does not select", { timeout: 60_000 }, async () => {
  await using store = await openSqliteStore(temporaryFile());
  for (let chunk = 0; chunk < 5; chunk++) await store.append("account-1", newEvents(5_000), { expectedVersion: "any" });
  await using subscription = store.subscribe({ all: true }, { filter: { types: ["Rare", "Missing"] } });
  for await (const message of subscription) {
    if (message.kind === "live") break;
    expect(message.events).toEqual([]);
  }
  await store.append("account-1", [newEvent({ type: "Rare" })], { expectedVersion: "any" });
  expect((await subscription.next()).done).toBe(true);
});

test("an event can be looked at in a log, and keeps any id", async () => {
  await using store = await openSqliteStore(temporaryFile());
  const ids = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "01234567-89ab-cdef-0123-456789abcdef"];
  await store.append(
    "account-1",
    ids.map((id) => newEvent({ id })),
    { expectedVersion: "any" },
  );
  const events = await collect(store, { all: true });
  expect(events.map(({ id }) => id)).toEqual(ids);
  expect(inspect(events[2])).toContain("id: '01234567-89ab-cdef-0123-456789abcdef'");
  expect(JSON.parse(JSON.stringify(events))).toMatchObject(
    ids.map((id, version) => ({ id, version, position: version, stream: "account-1" })),
  );
});
