import { currentRuntime, ExpectedVersion } from "@reactive-domain/core";
import type { EventStore, NewEvent, ReadSource } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const SOURCES: readonly ReadSource[] = [{ all: true }, { category: "account" }, { eventType: "Deposited" }, { stream: "account-0" }];
const seeds = fc.integer({ min: 1, max: 1_000_000 });
const batches = fc.integer({ min: 1, max: 7 });

function newEvents(count: number): readonly NewEvent[] {
  const { ids } = currentRuntime();
  return Array.from({ length: count }, () => {
    const facts = { type: "Deposited", schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
    return { id: ids.next(), ...facts };
  });
}

/** Appends in small steps, so that readers and other writers come in between. */
async function writeSteps(store: EventStore, stream: string, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await store.append(stream, newEvents(1 + (step % 3)), { expectedVersion: "any" });
}

/** Positions of a subscription's events until it has passed the last of the log. */
async function follow(
  store: EventStore,
  source: ReadSource,
  options: { readonly maxBatchEvents: number; readonly last: number },
): Promise<readonly number[]> {
  const positions: number[] = [];
  await using subscription = store.subscribe(source, options);
  for await (const message of subscription) {
    if (message.kind === "events") positions.push(...message.events.map(({ position }) => position));
    if (message.upTo === options.last) break;
  }
  return positions;
}

describe("in whatever order writers and readers go on", () => {
  it("a subscription loses nothing and repeats nothing", async () => {
    const property = fc.asyncProperty(seeds, batches, async (seed, maxBatchEvents) => {
      await createTestRuntime({ seed }).run(async () => {
        await using store = createInMemoryStore();
        const last = 3 * 12 - 1;
        const followers = SOURCES.map((source) => follow(store, source, { maxBatchEvents, last }));
        await Promise.all([0, 1, 2].map((writer) => writeSteps(store, `account-${writer}`, 6)));
        const all = Array.from({ length: last + 1 }, (_, index) => index);
        const [inLog, inCategory, ofType, inStream] = await Promise.all(followers);
        expect([inLog, inCategory, ofType]).toEqual([all, all, all]);
        expect(inStream).toEqual(await positionsOf(store, { stream: "account-0" }));
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("a read gives a run of the log without holes, at least up to where the log was when it began", async () => {
    const property = fc.asyncProperty(seeds, batches, async (seed, maxBatchEvents) => {
      await createTestRuntime({ seed }).run(async () => {
        await using store = createInMemoryStore();
        await writeSteps(store, "account-0", 6);
        const writers = Promise.all([1, 2].map((writer) => writeSteps(store, `account-${writer}`, 6)));
        const positions = await positionsOf(store, { all: true }, maxBatchEvents);
        expect(positions).toEqual(Array.from({ length: positions.length }, (_, index) => index));
        expect(positions.length).toBeGreaterThanOrEqual(12);
        await writers;
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("readers that load, decide and save without waiting for each other never lose an update", async () => {
    const property = fc.asyncProperty(seeds, async (seed) => {
      await createTestRuntime({ seed }).run(async () => {
        await using store = createInMemoryStore();
        await Promise.all([1, 2, 3, 4].map(() => increment(store)));
        expect(await positionsOf(store, { stream: "counter-1" })).toEqual([0, 1, 2, 3]);
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("and different seeds give different orders", async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      await createTestRuntime({ seed }).run(async () => {
        await using store = createInMemoryStore();
        await Promise.all([0, 1, 2].map((writer) => delayedWrites(store, `account-${writer}`)));
        const streams: string[] = [];
        for await (const { stream } of store.read({ all: true })) streams.push(stream);
        orders.add(streams.join());
      });
    }
    expect(orders.size).toBeGreaterThan(5);
  });
});

/** Appends one event with the version that it read, and again until there is no conflict. */
async function increment(store: EventStore): Promise<void> {
  for (;;) {
    const { length } = await positionsOf(store, { stream: "counter-1" });
    const write = store.write([
      {
        kind: "append",
        stream: "counter-1",
        expectedVersion: length === 0 ? "noStream" : ExpectedVersion.exactly(length - 1),
        events: newEvents(1),
      },
    ]);
    const isDone = await write.then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
}

/** Reads before each write: reading takes turns, so that the writers overtake each other. */
async function delayedWrites(store: EventStore, stream: string): Promise<void> {
  for (let step = 0; step < 3; step++) {
    await positionsOf(store, { stream });
    await writeSteps(store, stream, 1);
  }
}

async function positionsOf(store: EventStore, source: ReadSource, maxBatchEvents = 250): Promise<readonly number[]> {
  const positions: number[] = [];
  for await (const { position } of store.read(source, { maxBatchEvents })) positions.push(position);
  return positions;
}
