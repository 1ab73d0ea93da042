import { createInMemoryStore, currentRuntime, type EventStore, type ExpectedVersion } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";

const STREAM = "seat-12a";
const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

/** Sells a seat that looks free; whoever comes too late gives up. */
async function sell(store: EventStore, expectedVersion: ExpectedVersion): Promise<void> {
  if ((await salesIn(store)) > 0) return;
  const sold = { id: currentRuntime().ids.next(), type: "Sold", schemaVersion: 1, contentType: "application/json", data: "{}" };
  await store.append(STREAM, [{ ...sold, metadata: "{}" }], { expectedVersion }).catch(() => undefined);
}

async function salesIn(store: EventStore): Promise<number> {
  let sales = 0;
  for await (const { events } of store.read({ stream: STREAM }).batches()) sales += events.length;
  return sales;
}

// #region schedules
/** How often two tills sell one seat, in the schedule of a seed. */
function salesOfTwoTills(seed: number, expectedVersion: ExpectedVersion): Promise<number> {
  return createTestRuntime({ seed }).run(async () => {
    await using store = createInMemoryStore();
    await Promise.all([sell(store, expectedVersion), sell(store, expectedVersion)]);
    return await salesIn(store);
  });
}

describe("two tills that look for a free seat and sell it", () => {
  it("sell it twice, in some schedules, when they do not say what they expect", async () => {
    const sales = await Promise.all(SEEDS.map((seed) => salesOfTwoTills(seed, "any")));
    expect(new Set(sales)).toEqual(new Set([1, 2]));
  });

  it("sell it once, in every schedule, when they expect that the stream does not exist", async () => {
    const sales = await Promise.all(SEEDS.map((seed) => salesOfTwoTills(seed, "noStream")));
    expect(new Set(sales)).toEqual(new Set([1]));
  });
});
// #endregion

it("the schedule of a seed is the same in every run", async () => {
  const runs = await Promise.all([1, 2].map(() => Promise.all(SEEDS.map((seed) => salesOfTwoTills(seed, "any")))));
  expect(runs[0]).toEqual(runs[1]);
});
