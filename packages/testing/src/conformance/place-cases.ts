import assert from "node:assert/strict";
import { position, version } from "@reactive-domain/core";
import type { EventStore, ReadOptions, ReadSource, RecordedEvent } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { fill } from "./new-event.ts";
import { eventsOf, firstBatchOf, logOf, positionsOf } from "./reading.ts";

const ENTRIES = [
  ["account-1", "Opened"],
  ["account-2", "Opened"],
  ["order-1", "Placed"],
  ["account-1", "Deposited"],
  ["account-1", "Deposited"],
  ["order-1", "Opened"],
  ["account-2", "Deposited"],
  ["account-1", "Closed"],
  ["order-1", "Shipped"],
] as const;

interface Sample {
  readonly name: string;
  readonly source: ReadSource;
  readonly selects: (event: RecordedEvent) => boolean;
  readonly cursorOf: (event: RecordedEvent) => number;
}

const SAMPLES: readonly Sample[] = [
  {
    name: "a stream",
    source: { stream: "account-1" },
    selects: ({ stream }) => stream === "account-1",
    cursorOf: (event) => event.version,
  },
  {
    name: "a category",
    source: { category: "account" },
    selects: ({ stream }) => stream.startsWith("account-"),
    cursorOf: (event) => event.position,
  },
  { name: "an event type", source: { eventType: "Opened" }, selects: ({ type }) => type === "Opened", cursorOf: (event) => event.position },
  { name: "the whole log", source: { all: true }, selects: () => true, cursorOf: (event) => event.position },
];

/** Where a read begins, for each source and in both directions, held against a plain list. */
export const placeCases: readonly ConformanceCase[] = SAMPLES.flatMap((sample) => [
  storeCase(`${sample.name} is read from its start and from its end, forwards and backwards`, ["F1", "F2", "F13"], async (store) => {
    const inOrder = await written(store, sample);
    const read = async (options: ReadOptions): Promise<readonly number[]> =>
      positionsOf(await eventsOf(store.read(sample.source, options)));
    const all = positionsOf(inOrder);
    assert.deepEqual(await read({}), all);
    assert.deepEqual(await read({ from: "start" }), all);
    assert.deepEqual(await read({ from: "end" }), []);
    assert.deepEqual(await read({ direction: "backwards" }), all.toReversed());
    assert.deepEqual(await read({ direction: "backwards", from: "end" }), all.toReversed());
    assert.deepEqual(await read({ direction: "backwards", from: "start" }), []);
  }),

  storeCase(
    `${sample.name} is read from any place, inclusive (at) and exclusive (after), forwards and backwards`,
    ["F1", "F2"],
    async (store) => {
      const inOrder = await written(store, sample);
      for (let place = 0; place <= ENTRIES.length + 2; place++) {
        for (const maxBatchEvents of [2, 250]) await readsFrom(store, sample, { inOrder, cursor: place, maxBatchEvents });
      }
    },
  ),

  storeCase(`reading ${sample.name} on from where each batch says gives every event once`, ["F1", "F2", "F11"], async (store) => {
    const inOrder = positionsOf(await written(store, sample));
    assert.deepEqual(await readOnByNext(store, sample, "forwards"), inOrder);
    assert.deepEqual(await readOnByNext(store, sample, "backwards"), inOrder.toReversed());
  }),

  storeCase(`reading ${sample.name} on behind any event never skips or repeats`, ["F11"], async (store) => {
    const inOrder = await written(store, sample);
    for (const [index, event] of inOrder.entries()) {
      const from = { after: cursor(sample, sample.cursorOf(event)) };
      assert.deepEqual(positionsOf(await eventsOf(store.read(sample.source, { from }))), positionsOf(inOrder.slice(index + 1)));
    }
  }),
]);

/** Fills the store, and tells what the source must give. */
async function written(store: EventStore, { selects }: Sample): Promise<readonly RecordedEvent[]> {
  await fill(store, ENTRIES);
  const inOrder = (await logOf(store)).filter(selects);
  assert.ok(inOrder.length >= 3);
  return inOrder;
}

interface Place {
  readonly inOrder: readonly RecordedEvent[];
  readonly cursor: number;
  readonly maxBatchEvents: number;
}

async function readsFrom(store: EventStore, sample: Sample, place: Place): Promise<void> {
  const { inOrder, maxBatchEvents } = place;
  const here = cursor(sample, place.cursor);
  const expectRead = async (options: ReadOptions, expected: readonly RecordedEvent[]): Promise<void> => {
    const events = await eventsOf(store.read(sample.source, { ...options, maxBatchEvents }));
    assert.deepEqual(positionsOf(events), positionsOf(expected), `${sample.name}, ${JSON.stringify(options)}`);
  };
  const backwards = inOrder.toReversed();
  await expectRead(
    { from: { at: here } },
    inOrder.filter((event) => sample.cursorOf(event) >= here),
  );
  await expectRead(
    { from: { after: here } },
    inOrder.filter((event) => sample.cursorOf(event) > here),
  );
  await expectRead(
    { direction: "backwards", from: { at: here } },
    backwards.filter((event) => sample.cursorOf(event) <= here),
  );
  await expectRead(
    { direction: "backwards", from: { after: here } },
    backwards.filter((event) => sample.cursorOf(event) < here),
  );
}

async function readOnByNext(store: EventStore, sample: Sample, direction: "forwards" | "backwards"): Promise<readonly number[]> {
  const positions: number[] = [];
  let from: ReadOptions["from"];
  for (let round = 0; round < 100; round++) {
    const batch = await firstBatchOf(store.read(sample.source, { direction, limit: 2, ...(from === undefined ? {} : { from }) }));
    positions.push(...positionsOf(batch.events));
    if (batch.isEnd || batch.next === null) return positions;
    from = { at: cursor(sample, batch.next) };
  }
  return assert.fail(`Reading ${sample.name} ${direction} from each batch's next does not come to an end.`);
}

function cursor({ source }: Sample, value: number): ReturnType<typeof version> | ReturnType<typeof position> {
  return "stream" in source ? version(value) : position(value);
}
