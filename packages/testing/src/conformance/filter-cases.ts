import assert from "node:assert/strict";
import type { EventFilter, EventStore, ReadSource } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { fill, grow } from "./new-event.ts";
import { eventsOf, positionsOf } from "./reading.ts";

const ENTRIES = [
  ["account-1", "Opened"],
  ["acc_unt-1", "Opened"],
  ["accXunt-1", "Deposited"],
  ["a%-1", "Opened"],
  ["Account-1", "Deposited"],
  ["account-1", "Deposited"],
  ["größe-😀1", "Opened"],
  ["größe-1", "opened"],
  ["account-2", "Closed"],
  ["a\\%-1", "Closed"],
  ["a*b?[c]-1", "Opened"],
  ["o'neill-1", "O'Pened"],
] as const;

const ALL: ReadSource = { all: true };

interface Sample {
  readonly filter: EventFilter;
  readonly source?: ReadSource;
  readonly positions: readonly number[];
}

const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  "by types lets exactly these types through": [
    { filter: { types: ["Opened"] }, positions: [0, 1, 3, 6, 10] },
    { filter: { types: ["Closed", "Deposited"] }, positions: [2, 4, 5, 8, 9] },
    { filter: { types: ["Opened", "Opened", "Missing"] }, positions: [0, 1, 3, 6, 10] },
    { filter: { types: ["O'Pened"] }, positions: [11] },
    { filter: { types: ["Missing"] }, positions: [] },
    { filter: { types: ["Open%", "Opene_"] }, positions: [] },
  ],
  "by an empty list of types lets nothing through": [{ filter: { types: [] }, positions: [] }],
  "by stream prefix lets names through that begin so, with their case": [
    { filter: { streamPrefix: "acc" }, positions: [0, 1, 2, 5, 8] },
    { filter: { streamPrefix: "account-1" }, positions: [0, 5] },
    { filter: { streamPrefix: "Acc" }, positions: [4] },
    { filter: { streamPrefix: "" }, positions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    { filter: { streamPrefix: "account-1 " }, positions: [] },
  ],
  "by stream prefix takes no character for a wildcard": [
    { filter: { streamPrefix: "acc_unt" }, positions: [1] },
    { filter: { streamPrefix: "a%" }, positions: [3] },
    { filter: { streamPrefix: "%" }, positions: [] },
    { filter: { streamPrefix: "_" }, positions: [] },
    { filter: { streamPrefix: "a\\%" }, positions: [9] },
    { filter: { streamPrefix: "a*" }, positions: [10] },
    { filter: { streamPrefix: "a*b?[c]" }, positions: [10] },
    { filter: { streamPrefix: "o'n" }, positions: [11] },
  ],
  "by stream prefix counts wide characters as they are": [
    { filter: { streamPrefix: "größe-" }, positions: [6, 7] },
    { filter: { streamPrefix: "größe-😀" }, positions: [6] },
    { filter: { streamPrefix: "größe-😀1" }, positions: [6] },
    { filter: { streamPrefix: "größe-😀12" }, positions: [] },
    { filter: { streamPrefix: "gro\u0308" }, positions: [] },
  ],
  "by both lets through what fits both, from every source": [
    { filter: { types: ["Opened"], streamPrefix: "acc" }, positions: [0, 1] },
    { filter: { types: ["Deposited"] }, source: { category: "account" }, positions: [5] },
    { filter: { types: ["Deposited", "Closed"], streamPrefix: "account-2" }, source: { category: "account" }, positions: [8] },
    { filter: { types: ["Deposited"] }, source: { stream: "account-1" }, positions: [5] },
    { filter: { streamPrefix: "account-2" }, source: { stream: "account-1" }, positions: [] },
    { filter: { streamPrefix: "a" }, source: { eventType: "Opened" }, positions: [0, 1, 3, 10] },
    { filter: { types: ["Closed"] }, source: { eventType: "Opened" }, positions: [] },
  ],
};

/** Filters, which a store applies itself. */
export const filterCases: readonly ConformanceCase[] = Object.entries(SAMPLES).flatMap(([name, samples]) => [
  storeCase(`a filter ${name}, read forwards and backwards`, ["F11"], async (store) => {
    await fill(store, ENTRIES);
    for (const sample of samples) await readsFiltered(store, sample);
  }),

  storeCase(`a filter ${name}, in a subscription, of history and of what comes later`, ["F11"], async (store) => {
    await fill(store, ENTRIES);
    const followers = samples.map((sample) => ({
      sample,
      follower: new Follower(store.subscribe(sample.source ?? ALL, { filter: sample.filter, maxBatchEvents: 2 })),
    }));
    for (const { follower } of followers) await follower.untilLive();
    await fill(store, ENTRIES);
    const { length } = await grow(store, "unrelated-1", 1, { type: "Unrelated" });
    for (const { sample, follower } of followers) {
      await follower.untilUpTo(2 * ENTRIES.length + length - 1);
      const expected = [...sample.positions, ...sample.positions.map((position) => position + ENTRIES.length)];
      const seen = positionsOf(follower.events).filter((position) => position < 2 * ENTRIES.length);
      assert.deepEqual(seen, expected, JSON.stringify(sample));
      await follower.subscription.close();
    }
  }),
]);

async function readsFiltered(store: EventStore, { filter, source = ALL, positions }: Sample): Promise<void> {
  for (const maxBatchEvents of [1, 2, 250]) {
    const what = `${JSON.stringify({ source, filter })} by ${maxBatchEvents}`;
    assert.deepEqual(positionsOf(await eventsOf(store.read(source, { filter, maxBatchEvents }))), positions, what);
    const backwards = await eventsOf(store.read(source, { filter, maxBatchEvents, direction: "backwards" }));
    assert.deepEqual(positionsOf(backwards), positions.toReversed(), `${what}, backwards`);
  }
}
