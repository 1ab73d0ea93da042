import assert from "node:assert/strict";
import { ExpectedVersion, version } from "@reactive-domain/core";
import type { EventStore, NewEvent, ReadSource, WriteItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { Follower } from "./follower.ts";
import { newEvent, newEvents } from "./new-event.ts";
import { assertLog, eventsOf, idsOf } from "./reading.ts";
import { assertConflict, assertRefused } from "./refusal.ts";
import { assertReadsAsMissing } from "./stream-changes.ts";

const SYSTEM = { systemStreams: true };
/** One that belongs to another stream, one with a category of its own, and one that is only a name. */
const STREAMS = ["$$account-1", "$ce-account", "$settings"] as const;
const [stream] = STREAMS;
const TYPE = "$metadata";

/** Streams and event types whose names begin with `$`, for those who serve a store. */
export const systemStreamCases: readonly ConformanceCase[] = requiring(
  ["systemStreams"],
  [
    storeCase("streams and event types of the system are written where that is asked for, and by nobody else", ["F4"], async (store) => {
      const [event] = newEvents(1, { type: TYPE });
      assert.ok(event !== undefined);
      const written = await store.append(stream, [event], { expectedVersion: "noStream", ...SYSTEM });
      assert.deepEqual({ ...written }, { stream, version: 0, position: 0, repeated: false });
      assert.deepEqual(
        { ...(await store.append(stream, [event], { expectedVersion: "noStream", ...SYSTEM })) },
        { ...written, repeated: true },
      );
      for (const options of [{}, { systemStreams: false }]) {
        const append = store.append(stream, newEvents(1), { expectedVersion: "any", ...options });
        await assertRefused(append, "invalid-write", "an append to a stream of the system");
        const typed = store.write([appendOf("account-1", newEvents(1, { type: TYPE }))], options);
        await assertRefused(typed, "invalid-write", "an event of a type of the system");
      }
      await assertLog(store, [event], "after refused writes");
    }),

    storeCase("what no stream may be called, no stream of the system may be called", ["F4"], async (store) => {
      for (const name of ["", " ", "nul\0here", "half\ud83d", `$${"a".repeat(512)}`]) {
        const what = JSON.stringify(name);
        await assertRefused(store.append(name, newEvents(1), { expectedVersion: "any", ...SYSTEM }), "invalid-write", `a stream ${what}`);
        const typed = store.append(stream, newEvents(1, { type: name }), { expectedVersion: "any", ...SYSTEM });
        await assertRefused(typed, "invalid-write", `a type ${what}`);
      }
      await assertLog(store, [], "after refused writes");
    }),

    storeCase("streams of the system are held to expected versions, and number their events like others", ["F4"], async (store) => {
      for (const name of STREAMS) {
        const append = (expectedVersion: ExpectedVersion) => store.append(name, newEvents(2), { expectedVersion, ...SYSTEM });
        await assertConflict(append("exists"), { stream: name, expected: "exists", actual: null });
        assert.equal((await append("noStream")).version, 1);
        assert.equal((await append(ExpectedVersion.exactly(1))).version, 3);
        await assertConflict(append("noStream"), { stream: name, expected: "noStream", actual: 3 });
        const { state, firstVersion, lastVersion } = await store.streamInfo(name);
        assert.deepEqual({ state, firstVersion, lastVersion }, { state: "live", firstVersion: 0, lastVersion: 3 });
      }
    }),

    storeCase("events of the system are read from every source like others, in both directions", ["F11"], async (store) => {
      const log = await fillSystem(store);
      for (const [source, expected] of sourcesOf(log)) {
        assert.deepEqual(idsOf(await eventsOf(store.read(source))), expected, JSON.stringify(source));
        const backwards = await eventsOf(store.read(source, { direction: "backwards", maxBatchEvents: 2 }));
        assert.deepEqual(idsOf(backwards), expected.toReversed(), `${JSON.stringify(source)}, backwards`);
      }
      const filters = [
        [{ types: [TYPE] }, log.filter(({ type }) => type === TYPE)],
        [{ categories: ["$ce"] }, log.filter(({ to }) => to === "$ce-account")],
        [{ streamPrefix: "$" }, log.filter(({ to }) => to.startsWith("$"))],
        [{ streamPrefix: "$$" }, log.filter(({ to }) => to === stream)],
      ] as const;
      for (const [filter, expected] of filters)
        assert.deepEqual(idsOf(await eventsOf(store.read({ all: true }, { filter }))), idsOf(expected), JSON.stringify(filter));
    }),

    storeCase("streams of the system are followed like others, from their past into what comes", ["F9", "F11"], async (store) => {
      const log = await fillSystem(store);
      for (const [source, expected] of sourcesOf(log)) {
        const follower = new Follower(store.subscribe(source));
        await follower.untilLive();
        assert.deepEqual(idsOf(follower.events), expected, JSON.stringify(source));
        await follower.subscription.close();
      }
      const follower = new Follower(store.subscribe({ stream }, { from: "end" }));
      await follower.untilLive();
      const [event] = newEvents(1);
      assert.ok(event !== undefined);
      await store.append(stream, [event], { expectedVersion: "exists", ...SYSTEM });
      await follower.untilEvent(event);
      assert.deepEqual(idsOf(follower.events), [event.id]);
    }),

    ...requiring(
      ["softDelete"],
      [
        storeCase(
          "a stream of the system is deleted where that is asked for, and written again with numbers that go on",
          ["F6"],
          async (store) => {
            await fillSystem(store);
            const item: WriteItem = { kind: "delete", stream, expectedVersion: "exists" };
            await assertRefused(store.write([item]), "invalid-write", "a deletion of a stream of the system");
            await store.write([item], SYSTEM);
            await assertReadsAsMissing(store, stream, "behind its deletion");
            const { version: next } = await store.append(stream, newEvents(1), { expectedVersion: "noStream", ...SYSTEM });
            assert.equal(next, 2);
          },
        ),
      ],
    ),

    ...requiring(
      ["tombstones"],
      [
        storeCase("a stream of the system is deleted for ever where that is asked for", ["F7"], async (store) => {
          await fillSystem(store);
          const item: WriteItem = { kind: "tombstone", stream, expectedVersion: "exists" };
          await assertRefused(store.write([item]), "invalid-write", "a deletion for ever of a stream of the system");
          await store.write([item], SYSTEM);
          const append = store.append(stream, newEvents(1), { expectedVersion: "any", ...SYSTEM });
          await assertRefused(append, "stream-tombstoned", "an append behind a deletion for ever");
          assert.equal((await store.streamInfo(stream)).state, "tombstoned");
        }),
      ],
    ),

    ...requiring(
      ["streamMetadata"],
      [
        storeCase("metadata of a stream of the system is said where that is asked for, and hides its events", ["F6"], async (store) => {
          await fillSystem(store);
          const item: WriteItem = { kind: "metadata", stream, metadata: { truncateBefore: version(1) } };
          await assertRefused(store.write([item]), "invalid-write", "metadata of a stream of the system");
          await store.write([item], SYSTEM);
          const { metadata, firstVersion } = await store.streamInfo(stream);
          assert.deepEqual({ metadata, firstVersion }, { metadata: { truncateBefore: 1 }, firstVersion: 1 });
          assert.equal((await eventsOf(store.read({ stream }))).length, 1);
        }),
      ],
    ),

    ...requiring(
      ["expectations"],
      [
        storeCase("a stream of the system is expected where that is asked for", ["F4"], async (store) => {
          await fillSystem(store);
          const item = { kind: "expect", stream, expectedVersion: ExpectedVersion.exactly(1) } as const;
          await assertRefused(store.write([item]), "invalid-write", "an expectation of a stream of the system");
          await store.write([item], SYSTEM);
          const wrong = store.write([{ ...item, expectedVersion: "noStream" }], SYSTEM);
          await assertConflict(wrong, { stream, expected: "noStream", actual: 1 });
        }),
      ],
    ),

    ...requiring(["snapshots"], [nameCase("a snapshot", (name) => ({ kind: "snapshot", name, ...SNAPSHOT }))]),
    ...requiring(["checkpoints"], [nameCase("a checkpoint", (name) => ({ kind: "checkpoint", name, expected: null, position: null }))]),
  ],
);

const SNAPSHOT = { version: version(0), schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}" };

/** What is beside the log has no names of the system. */
function nameCase(what: string, itemOf: (name: string) => WriteItem): ConformanceCase {
  return storeCase(`the name of ${what} never begins with $, whoever writes it`, ["F5"], async (store) => {
    await assertRefused(store.write([itemOf("$mine")], SYSTEM), "invalid-write", `${what} with a name of the system`);
    await store.write([itemOf("mine")], SYSTEM);
  });
}

interface Written extends NewEvent {
  readonly to: string;
}

/** Writes streams of the system and of an application by turns, and returns what was written. */
async function fillSystem(store: EventStore): Promise<readonly Written[]> {
  const log: Written[] = [];
  for (const type of [TYPE, "Opened"]) {
    for (const to of [...STREAMS, "account-1"]) {
      const event = newEvent({ type });
      await store.append(to, [event], { expectedVersion: "any", ...SYSTEM });
      log.push({ ...event, to });
    }
  }
  return log;
}

function sourcesOf(log: readonly Written[]): readonly (readonly [source: ReadSource, ids: readonly string[]])[] {
  const idsWhere = (is: (event: Written) => boolean): readonly string[] => idsOf(log.filter(is));
  return [
    [{ all: true }, idsOf(log)],
    [{ eventType: TYPE }, idsWhere(({ type }) => type === TYPE)],
    [{ category: "$ce" }, idsWhere(({ to }) => to === "$ce-account")],
    [{ category: "$$account" }, idsWhere(({ to }) => to === "$$account-1")],
    [{ category: "account" }, idsWhere(({ to }) => to === "account-1")],
    ...STREAMS.map((name) => [{ stream: name }, idsWhere(({ to }) => to === name)] as const),
  ];
}

function appendOf(to: string, events: readonly NewEvent[]): WriteItem {
  return { kind: "append", stream: to, events, expectedVersion: "any" };
}
