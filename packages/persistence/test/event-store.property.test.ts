import { ReactiveDomainError, type ExpectedVersion, type Position } from "@reactive-domain/core";
import type { EventFilter, EventStore, NewEvent, ReadSource, RecordedEvent, WriteItem } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import fc from "fast-check";
import { expect, it } from "vitest";
import { EventStoreModel, type ModelEvent, type ModelItem, type ModelOutcome, type ModelRead } from "./event-store-model.ts";

const STREAMS = ["account-1", "account-2", "account", "account2-1"] as const;
const TYPES = ["Opened", "Deposited"] as const;

// Few ids: many writes repeat, or overlap with, one before.
const event = fc.record({
  id: fc.nat(15).map((number) => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`),
  type: fc.constantFrom(...TYPES),
});
const expectedVersion: fc.Arbitrary<ExpectedVersion> = fc.oneof(
  { weight: 4, arbitrary: fc.constant("any" as const) },
  { weight: 2, arbitrary: fc.constantFrom("noStream" as const, "exists" as const) },
  { weight: 2, arbitrary: fc.nat(4).map((version) => version as ExpectedVersion) },
);
const item = fc.record({
  stream: fc.constantFrom(...STREAMS),
  expectedVersion,
  events: fc.uniqueArray(event, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
});
const writeItems = fc.uniqueArray(item, { minLength: 1, maxLength: 2, selector: ({ stream }) => stream });

const source: fc.Arbitrary<ReadSource> = fc.oneof(
  fc.constantFrom(...STREAMS, "missing").map((stream) => ({ stream })),
  fc.constantFrom("account", "account2", "missing").map((category) => ({ category })),
  fc.constantFrom(...TYPES, "Missing").map((eventType) => ({ eventType })),
  fc.constant({ all: true as const }),
);
const filter: fc.Arbitrary<EventFilter> = fc.record(
  { types: fc.subarray([...TYPES]), streamPrefix: fc.constantFrom("account-", "account2", "x") },
  { requiredKeys: [] },
);
const modelRead: fc.Arbitrary<ModelRead> = fc.record({
  source,
  direction: fc.constantFrom("forwards", "backwards"),
  from: fc.oneof(
    fc.constantFrom("start" as const, "end" as const),
    fc.nat(20).map((at) => ({ at })),
    fc.nat(20).map((after) => ({ after })),
  ),
  limit: fc.integer({ min: 1, max: 25 }),
  filter,
});

const EVERYTHING: ModelRead = { source: { all: true }, direction: "forwards", from: "start", limit: 1_000, filter: {} };

it("whatever is written and read, a store does what a plain list would do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(writeItems, { maxLength: 20 }),
      fc.array(modelRead, { minLength: 10, maxLength: 10 }),
      async (writes, reads) => {
        await using store = createInMemoryStore();
        const model = new EventStoreModel();
        for (const items of writes) expect(await writeTo(store, items)).toEqual(model.write(items));
        for (const one of [EVERYTHING, ...reads]) expect(await readFrom(store, one)).toEqual(model.read(one));
      },
    ),
    { numRuns: 300 },
  );
});

async function writeTo(store: EventStore, items: readonly ModelItem[]): Promise<ModelOutcome> {
  try {
    const { repeated, streams } = await store.write(items.map(toItem));
    return { repeated, streams: streams.map(({ stream, version, position }) => [stream, version, position]) };
  } catch (error) {
    if (error instanceof ReactiveDomainError) return error.code;
    throw error;
  }
}

async function readFrom(store: EventStore, { source: from, ...options }: ModelRead): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  const read = store.read(from, { ...options, from: options.from as "start" | { readonly at: Position }, maxBatchEvents: 3 });
  for await (const one of read) events.push(plain(one));
  return events;
}

function toItem({ stream, expectedVersion: expected, events }: ModelItem): WriteItem {
  return { kind: "append", stream, expectedVersion: expected, events: events.map(toEvent) };
}

function toEvent({ id, type }: ModelItem["events"][number]): NewEvent {
  return { id, type, schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
}

function plain({ stream, version, position, id, type }: RecordedEvent): ModelEvent {
  return { stream, version, position, id, type };
}
