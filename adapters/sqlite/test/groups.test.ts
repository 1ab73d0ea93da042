import { systemClock, withRuntime, type Clock } from "@reactive-domain/core";
import type { Delivery, EventFilter, EventStore, GroupDefinition, Settlement } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

const GROUP = "mailer";
const STREAMS = ["account-1", "account-2", "order-1"];
const OUTCOMES = ["acknowledge", "acknowledge", "skip", "retry", "park", "release"] as const;
const place = fc.nat(9);

/** What is done to a store, one after another. Deliveries are named by how many claims ago they came, and their place in it. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("append" as const), stream: fc.constantFrom(...STREAMS), chain: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      maxEvents: fc.integer({ min: 1, max: 6 }),
      leaseMs: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      ago: fc.nat(2),
      outcomes: fc.array(fc.tuple(place, fc.constantFrom(...OUTCOMES), fc.option(fc.nat(30))), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("extend" as const), ago: fc.nat(2), at: place, leaseMs: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("later" as const), ms: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("replay" as const),
      limit: fc.integer({ min: 1, max: 3 }),
      error: fc.constantFrom("", "1", "away"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("hide" as const),
      stream: fc.constantFrom(...STREAMS),
      maxCount: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("scavenge" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const definitions: fc.Arbitrary<Partial<GroupDefinition>> = fc.record(
  {
    source: fc.constantFrom<GroupDefinition["source"]>({ stream: "account-1" }, { category: "account" }, { eventType: "AmountDeposited" }),
    filter: fc.constantFrom<EventFilter>({ streamPrefix: "account" }, { correlationId: "chain-1" }, { types: [] }),
    orderBy: fc.constantFrom("stream" as const, "correlation" as const, "none" as const),
    behindParked: fc.constantFrom("wait" as const, "pass" as const),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    maxUnsettled: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: [] },
);

/** Does a step, and tells what it came to. */
async function take(store: EventStore, one: Step, index: number, claims: (readonly Delivery[])[]): Promise<unknown> {
  const claimed = "ago" in one ? (claims.at(-1 - one.ago) ?? []) : [];
  switch (one.kind) {
    case "append": {
      const id = `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`;
      const metadata = one.chain === 0 ? "no JSON" : `{"correlationId":"chain-${one.chain}"}`;
      return store.append(one.stream, [newEvent({ id, metadata })], { expectedVersion: "any" });
    }
    case "claim": {
      const consumer = `worker-${index}`;
      const deliveries = await store.groups.claim(GROUP, { consumer, maxEvents: one.maxEvents, leaseMs: one.leaseMs });
      claims.push(deliveries);
      return deliveries.map(({ event, attempt, fence, until }) => [event.toJSON(), attempt, fence, until]);
    }
    case "settle": {
      const chosen = new Map(
        one.outcomes.flatMap(([at, outcome, delayMs]) => settlementOf(claimed[at % (claimed.length || 1)], outcome, delayMs)),
      );
      if (chosen.size === 0) return "nothing";
      return store.write([{ kind: "settle", group: GROUP, deliveries: [...chosen.values()] }]);
    }
    case "extend":
      return store.groups.extend(
        GROUP,
        claimed.slice(one.at % 3).map(({ event, fence }) => ({ position: event.position, fence })),
        { leaseMs: one.leaseMs },
      );
    case "replay":
      return store.groups.replayParked(GROUP, { limit: one.limit, error: one.error });
    case "hide":
      return store.write([{ kind: "metadata", stream: one.stream, metadata: { maxCount: one.maxCount } }]);
    case "later":
      return "later";
    default:
      return store.scavenge();
  }
}

function settlementOf(
  delivery: Delivery | undefined,
  outcome: Settlement["outcome"],
  delayMs: number | null,
): readonly (readonly [number, Settlement])[] {
  if (delivery === undefined) return [];
  const { event, fence } = delivery;
  const settlement: Settlement = { position: event.position, fence, outcome, error: `error ${delayMs}` };
  return [[event.position, delayMs === null ? settlement : { ...settlement, delayMs }]];
}

async function outcomeOf(store: EventStore, ...taken: [Step, number, (readonly Delivery[])[]]): Promise<unknown> {
  const answer = await take(store, ...taken).catch((error: unknown) => (error as { code?: string }).code ?? error);
  const parked = await store.groups.parked(GROUP);
  return {
    answer,
    status: await store.groups.status(GROUP),
    parked: parked.map(({ event, ...facts }) => [event.position, facts]),
  };
}

test("whatever consumers do, a group in a file does what one in memory does", { timeout: 120_000 }, async () => {
  let nowMs = 1_700_000_000_000;
  const clock: Clock = { now: () => nowMs, monotonicMs: () => systemClock.monotonicMs() };
  await withRuntime({ clock }, () =>
    fc.assert(
      fc.asyncProperty(definitions, fc.array(step, { minLength: 10, maxLength: 60 }), async (facts, steps) => {
        await using sqlite = await openSqliteStore(temporaryFile());
        await using memory = createInMemoryStore();
        for (const store of [sqlite, memory]) await store.groups.create(GROUP, { source: { all: true }, retryDelayMs: 10, ...facts });
        const [inFile, inMemory]: [(readonly Delivery[])[], (readonly Delivery[])[]] = [[], []];
        for (const [index, one] of steps.entries()) {
          if (one.kind === "later") nowMs += one.ms;
          expect(await outcomeOf(sqlite, one, index, inFile)).toEqual(await outcomeOf(memory, one, index, inMemory));
        }
      }),
      { numRuns: 150 },
    ),
  );
});

test("a claim passes over thousands of entries that wait behind others without looking at each", { timeout: 60_000 }, async () => {
  await using store = await openSqliteStore(temporaryFile());
  const events = Array.from({ length: 5_000 }, () => newEvent());
  await store.append("account-1", events, { expectedVersion: "noStream" });
  await store.append("account-2", [newEvent()], { expectedVersion: "noStream" });
  await store.groups.create(GROUP, { source: { all: true } });
  const first = await store.groups.claim(GROUP, { consumer: "worker-1" });
  const second = await store.groups.claim(GROUP, { consumer: "worker-2", maxEvents: 10 });
  expect([...first, ...second].map(({ event }) => event.position)).toEqual([0, 5_000]);
  expect(await store.groups.status(GROUP)).toMatchObject({ waiting: 4_999, claimed: 2 });
  const startMs = systemClock.monotonicMs();
  for (let turn = 0; turn < 200; turn++) expect(await store.groups.claim(GROUP, { consumer: "worker-3" })).toEqual([]);
  expect(systemClock.monotonicMs() - startMs).toBeLessThan(2_000);
});

test("a reader of a file sees groups and what is parked, and may not claim", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await store.append("account-1", [newEvent(), newEvent()], { expectedVersion: "noStream" });
  await store.groups.create(GROUP, { source: { all: true } });
  const [delivery] = await store.groups.claim(GROUP, { consumer: "worker-1" });
  if (delivery === undefined) throw new Error("There must be a delivery.");
  const { event, fence } = delivery;
  await store.write([
    { kind: "settle", group: GROUP, deliveries: [{ position: event.position, fence, outcome: "park", error: "broken" }] },
  ]);

  await using reader = await openSqliteStore(path, { readOnly: true });
  expect(await reader.groups.parked(GROUP)).toMatchObject([{ error: "broken", attempts: 1 }]);
  expect(await reader.groups.list()).toMatchObject([{ name: GROUP, parked: 1 }]);
  const refusal = { code: "store-unavailable", retryable: false };
  await expect(reader.groups.claim(GROUP, { consumer: "worker-2", waitMs: 1_000 })).rejects.toMatchObject(refusal);
  await expect(reader.groups.create("other", { source: { all: true } })).rejects.toMatchObject(refusal);
  await expect(reader.groups.replayParked(GROUP)).rejects.toMatchObject(refusal);
});
