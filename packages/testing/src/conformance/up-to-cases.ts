import assert from "node:assert/strict";
import { position, sleep, version } from "@reactive-domain/core";
import type { EventStore, ReadOptions, ReadSource, RecordedEvent, UpTo } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { fill, grow } from "./new-event.ts";
import { batchesOf, eventsOf, firstBatchOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";
import { assertRefusedAtCall } from "./refusal.ts";

const ENTRIES = Array.from({ length: 12 }, (_, index) => [`account-${index % 2}`, index % 3 === 0 ? "Wanted" : "Other"] as const);
const stream = "account-0";
const SOURCES: readonly (readonly [source: ReadSource, selects: (event: RecordedEvent) => boolean])[] = [
  [{ all: true }, () => true],
  [{ stream }, (event) => event.stream === stream],
  [{ category: "account" }, () => true],
  [{ eventType: "Other" }, ({ type }) => type === "Other"],
];
const DIRECTIONS = ["forwards", "backwards"] as const;
const filter = { types: ["Wanted"] };

type AnyOptions = ReadOptions<never>;

/** Where a read ends. */
export const upToCases: readonly ConformanceCase[] = [
  storeCase("a read up to a position gives what lies up to it, from every source, in both directions", ["F1", "F2"], async (store) => {
    await fill(store, ENTRIES);
    const log = await logOf(store);
    for (const [source, selects] of SOURCES) {
      for (const last of [0, 1, 5, 10, 11, 99]) {
        const expected = log.filter((event) => selects(event) && event.position <= last);
        await readsUpTo(store, source, { position: position(last) }, expected);
      }
    }
  }),

  storeCase("a read of a stream up to a version gives what lies up to it, in both directions", ["F1", "F2"], async (store) => {
    await fill(store, ENTRIES);
    const events = await eventsOf(store.read({ stream }));
    for (const last of numbersBelow(8)) {
      await readsUpTo(
        store,
        { stream },
        { version: version(last) },
        events.filter((event) => event.version <= last),
      );
    }
  }),

  storeCase("a read up to a time gives what was committed by then, in both directions", ["F1", "F2"], async (store) => {
    for (const entry of ENTRIES.slice(0, 6)) {
      await fill(store, [entry]);
      await sleep(20);
    }
    const log = await logOf(store);
    const times = log.map(({ time }) => time.getTime());
    const [first = 0, middle = 0, last = 0] = [times[0], times[3], times.at(-1)];
    for (const timeMs of [first - 1, first, middle - 1, middle, middle + 1, last, last + 86_400_000]) {
      for (const [source, selects] of SOURCES) {
        const expected = log.filter((event) => selects(event) && event.time.getTime() <= timeMs);
        await readsUpTo(store, source, { time: new Date(timeMs) }, expected);
      }
    }
  }),

  storeCase("a read that begins behind its end gives nothing forwards, and begins at its end backwards", ["F1", "F2"], async (store) => {
    await fill(store, ENTRIES);
    const upTo = { position: position(4) };
    for (const maxBatchEvents of [1, 2, 250]) {
      const read = async (options: AnyOptions): Promise<readonly number[]> =>
        positionsOf(await eventsOf(store.read({ all: true }, { upTo, maxBatchEvents, ...options })));
      const at = (place: number): NonNullable<AnyOptions["from"]> => ({ at: position(place) as never });
      assert.deepEqual(await read({ from: at(5) }), []);
      assert.deepEqual(await read({ from: at(4) }), [4]);
      assert.deepEqual(await read({ from: { after: position(2) as never } }), [3, 4]);
      assert.deepEqual(await read({ from: "end" }), []);
      assert.deepEqual(await read({ from: at(9), direction: "backwards" }), [4, 3, 2, 1, 0]);
      assert.deepEqual(await read({ from: at(9), direction: "backwards", limit: 2 }), [4, 3]);
      assert.deepEqual(await read({ from: at(3), direction: "backwards" }), [3, 2, 1, 0]);
    }
  }),

  storeCase("a read up to a place of a stream that does not exist gives one empty batch", ["F3"], async (store) => {
    await grow(store, "account-1", 1);
    for (const upTo of [{ version: version(3) }, { position: position(3) }, { time: new Date(0) }]) {
      const batches = await batchesOf(store.read({ stream }, { upTo }));
      assert.deepEqual(
        batches.map(({ events, isEnd, lastVersion }) => [events.length, isEnd, lastVersion]),
        [[0, true, null]],
      );
    }
  }),

  storeCase("who reads on behind a read that ended early gets what it left out, each event once", ["F1"], async (store) => {
    await fill(store, ENTRIES);
    for (const [source, selects] of SOURCES) {
      const log = (await logOf(store)).filter(selects);
      for (const maxBatchEvents of [1, 3, 250]) {
        const upTo = { position: position(6) };
        const batches = await batchesOf(store.read(source, { upTo, maxBatchEvents }));
        const last = batches.at(-1) ?? assert.fail();
        assert.equal(last.isEnd, true, "The last batch must say that it is the end.");
        const from = { at: (last.next ?? assert.fail("A forward read always goes on somewhere.")) as never };
        const rest = await eventsOf(store.read(source, { from }));
        const all = [...batches.flatMap(({ events }) => events), ...rest];
        assert.deepEqual(positionsOf(all), positionsOf(log), `${JSON.stringify(source)} by ${maxBatchEvents}`);
      }
    }
  }),

  storeCase("an end that tells the stream's last version tells that of the stream, not of the read", ["F1"], async (store) => {
    await grow(store, stream, 6);
    const { events, lastVersion, head } = await firstBatchOf(store.read({ stream }, { upTo: { version: version(2) } }));
    assert.deepEqual({ versions: versionsOf(events), lastVersion, head }, { versions: [0, 1, 2], lastVersion: 5, head: 5 });
  }),

  storeCase("an end that makes no sense is refused at the call", ["F1", "F2"], async (store) => {
    const bad: readonly (readonly [source: ReadSource, upTo: unknown])[] = [
      [{ all: true }, { version: 1 }],
      [{ category: "account" }, { version: 1 }],
      [{ eventType: "Other" }, { version: 1 }],
      [{ stream }, { version: -1 }],
      [{ stream }, { version: 1.5 }],
      [{ all: true }, { position: -1 }],
      [{ all: true }, { position: Number.NaN }],
      [{ all: true }, { time: new Date(Number.NaN) }],
      [{ all: true }, { time: "2024-01-01" }],
      [{ all: true }, {}],
    ];
    for (const [source, upTo] of bad) {
      const what = `a read of ${JSON.stringify(source)} up to ${JSON.stringify(upTo)}`;
      assertRefusedAtCall(() => store.read(source, { upTo: upTo as UpTo }), "invalid-argument", what);
    }
  }),
];

/** Asserts that a read with this end gives exactly these events, whatever else it asks for. */
async function readsUpTo(store: EventStore, source: ReadSource, upTo: UpTo, expected: readonly RecordedEvent[]): Promise<void> {
  for (const direction of DIRECTIONS) {
    const inOrder = direction === "forwards" ? expected : expected.toReversed();
    const wanted = inOrder.filter(({ type }) => filter.types.includes(type));
    const samples: readonly (readonly [options: AnyOptions, events: readonly RecordedEvent[]])[] = [
      [{}, inOrder],
      [{ maxBatchEvents: 2, limit: 3 }, inOrder.slice(0, 3)],
      [{ maxBatchEvents: 1, filter }, wanted],
      [{ filter, limit: 2 }, wanted.slice(0, 2)],
    ];
    for (const [options, events] of samples) {
      const what = JSON.stringify({ source, direction, upTo, ...options });
      assert.deepEqual(positionsOf(await eventsOf(store.read(source, { ...options, upTo, direction }))), positionsOf(events), what);
    }
  }
}
