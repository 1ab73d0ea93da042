import assert from "node:assert/strict";
import { position, version, yieldToLoop } from "@reactive-domain/core";
import type { EventBatch, EventStore, ReadOptions, ReadSource, Snapshot } from "@reactive-domain/persistence";
import { requiring, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvents } from "./new-event.ts";
import { behindCase, SCHEMA, snapshotAt } from "./reading-behind.ts";
import { batchesOf, firstBatchOf, numbersBelow, versionsOf } from "./reading.ts";
import { assertRefusedAtCall } from "./refusal.ts";

const stream = "account-1";
const COUNT = 6;
const WRITES = 40;
const ABSENT = "00000000-0000-4000-8000-000000000000";

/** Reads that begin behind a snapshot. */
export const snapshotReadCases: readonly ConformanceCase[] = requiring(
  ["snapshots"],
  [
    behindCase("a read behind a snapshot gives the snapshot as it was put, and the events behind its version", async (store, reader) => {
      await grow(store, stream, COUNT);
      for (const data of ['{"b":1,  "a":"größe 😀\u0000\u001b\u001e"}', "", Uint8Array.from({ length: 256 }, (_, byte) => byte)]) {
        const item = snapshotAt(2, { hash: "sha256:ä=", contentType: "text/x-état", data });
        await store.write([item]);
        const found = await reader.read({ behind: 2 });
        assert.deepEqual(found, found && (await store.snapshot(stream)));
        assert.deepEqual(found && contentOf(found), found && data);
      }
    }),

    behindCase("a read behind a snapshot of the last version gives one batch, at its end, without events", async (store, reader) => {
      await grow(store, stream, COUNT);
      await store.write([snapshotAt(COUNT - 1)]);
      await reader.read({ behind: COUNT - 1 });
      await reader.whereUsed(async () => {
        const batches = await batchesOf(store.read({ stream }, { snapshot: { schemaVersion: SCHEMA } }));
        assert.deepEqual(
          batches.map(({ events, isEnd, next, lastVersion }) => ({ events: events.length, isEnd, next, lastVersion })),
          [{ events: 0, isEnd: true, next: COUNT, lastVersion: COUNT - 1 }],
        );
      });
    }),

    behindCase("a read behind a snapshot that is not there begins at the start", async (store, reader) => {
      await reader.read({ behind: null });
      for (const name of ["account-10", "Account-1"]) await store.write([snapshotAt(1, { name })]);
      await grow(store, stream, COUNT);
      await reader.read({ behind: null });
    }),

    behindCase("a snapshot of another schema version is passed over by reads", async (store, reader) => {
      await grow(store, stream, COUNT);
      await store.write([snapshotAt(3)]);
      for (const schemaVersion of [SCHEMA - 1, SCHEMA + 1, Number.MAX_SAFE_INTEGER])
        await reader.read({ start: { schemaVersion }, behind: null });
      await reader.read({ start: { schemaVersion: SCHEMA }, behind: 3 });
    }),

    behindCase(
      "a snapshot that is ahead of its stream is passed over by reads, until the stream has come so far",
      async (store, reader) => {
        await store.write([snapshotAt(2)]);
        await reader.read({ behind: null });
        for (const behind of [null, null, 2, 2]) {
          await grow(store, stream, 1);
          await reader.read({ behind });
        }
      },
    ),

    behindCase("a read up to a version begins behind no snapshot of a later one", async (store, reader) => {
      await grow(store, stream, COUNT);
      await store.write([snapshotAt(3)]);
      for (const last of numbersBelow(COUNT + 2)) await reader.read({ upTo: { version: version(last) }, behind: last < 3 ? null : 3 });
    }),

    behindCase("a read up to a position or a time begins behind no snapshot", async (store, reader) => {
      await grow(store, stream, COUNT);
      await store.write([snapshotAt(0)]);
      for (const last of [0, 4, 99]) await reader.read({ upTo: { position: position(last) }, behind: null });
      const { time = new Date(0) } = (await firstBatchOf(store.read({ stream }))).events.at(-1) ?? {};
      for (const ms of [-1, 0, 60_000]) await reader.read({ upTo: { time: new Date(time.getTime() + ms) }, behind: null });
    }),

    behindCase("a read that asks for an event begins behind no snapshot that has it behind it", async (store, reader) => {
      const events = await grow(store, stream, COUNT);
      const others = await grow(store, "account-2", COUNT);
      await store.write([snapshotAt(2)]);
      const start = (unlessRecorded: string): { readonly schemaVersion: number; readonly unlessRecorded: string } => ({
        schemaVersion: SCHEMA,
        unlessRecorded,
      });
      for (const [at, { id }] of events.entries()) await reader.read({ start: start(id), behind: at <= 2 ? null : 2 });
      for (const id of [ABSENT, ...others.map((event) => event.id)]) await reader.read({ start: start(id), behind: 2 });
    }),

    behindCase("the limit of a read behind a snapshot counts events", async (store, reader) => {
      await grow(store, stream, COUNT);
      await store.write([snapshotAt(1)]);
      for (const limit of [1, 2, 3, 4, 5, 99]) await reader.read({ limit, behind: 1 });
    }),

    behindCase("reads of many streams at once each begin behind their own snapshot, or at their start", async (store, reader) => {
      const names = numbersBelow(20).map((nth) => `account-${nth}`);
      for (const [nth, name] of names.entries()) {
        await grow(store, name, COUNT, { data: `"${name} \u001e"` });
        if (nth % 4 > 0) await store.write([snapshotAt(nth % 4, { name, data: name })]);
      }
      await reader.whereUsed(async () => {
        const batches = await Promise.all(
          names.map((name, nth) =>
            firstBatchOf(store.read({ stream: name }, nth % 2 === 0 ? {} : { snapshot: { schemaVersion: SCHEMA } })),
          ),
        );
        for (const [nth, { snapshot, events }] of batches.entries()) {
          const behind = nth % 2 === 0 ? undefined : nth % 4;
          assert.deepEqual(
            [snapshot?.name, snapshot?.version, snapshot?.data],
            behind === undefined ? [undefined, undefined, undefined] : [names[nth], behind, names[nth]],
          );
          assert.deepEqual(versionsOf(events), numbersBelow(COUNT).slice(behind === undefined ? 0 : behind + 1));
          assert.ok(events.every((event) => event.stream === names[nth] && event.data === `"${names[nth]} \u001e"`));
        }
      });
    }),

    behindCase("what a reader does to a snapshot that it read behind changes nothing", async (store, reader) => {
      await grow(store, stream, 2);
      await store.write([snapshotAt(1, { data: Uint8Array.of(1, 2, 3) })]);
      for (let turn = 0; turn < 2; turn++) {
        const found = await reader.read({ behind: 1 });
        if (found === undefined) return;
        assert.ok(found.data instanceof Uint8Array, "Bytes must come back as bytes.");
        assert.deepEqual([...found.data], [1, 2, 3]);
        assert.notEqual(found.time.getTime(), 0);
        found.data.fill(9);
        found.time.setTime(0);
      }
    }),

    behindCase("a way to begin behind a snapshot that makes no sense is refused at the call", async (store) => {
      const bad: readonly (readonly [options: Readonly<Record<string, unknown>>, source?: ReadSource])[] = [
        ...[0, -1, 1.5, Number.NaN, "1", null, undefined].map((schemaVersion) => [{ snapshot: { schemaVersion } }] as const),
        ...["", "event-1", ABSENT.replace("4", "F"), 7, null].map(
          (id) => [{ snapshot: { schemaVersion: 1, unlessRecorded: id } }] as const,
        ),
        ...[null, 1, true].map((snapshot) => [{ snapshot }] as const),
        ...[{ all: true } as const, { category: "account" }, { eventType: "Opened" }].map((source) => [{}, source] as const),
        [{ direction: "backwards" }],
        ...["end", { at: version(0) }, { after: version(0) }].map((from) => [{ from }] as const),
        [{ filter: { types: ["Opened"] } }],
        [{ filter: {} }],
      ];
      for (const [facts, source = { stream }] of bad) {
        const options = { snapshot: { schemaVersion: 1 }, ...facts } as ReadOptions<never>;
        assertRefusedAtCall(() => store.read(source, options), "invalid-argument", `a read of ${JSON.stringify([source, options])}`);
      }
    }),

    ...requiring(
      ["severalItems"],
      [
        behindCase("a batch that has a snapshot is of one moment, whoever writes meanwhile", async (store, reader) => {
          const batches: EventBatch[] = [];
          const read = async (): Promise<unknown> => batches.push(await firstBehind(store));
          await Promise.all([taking(WRITES, (at) => writeOne(store, at)), taking(WRITES, read), taking(WRITES, read)]);
          await reader.whereUsed(async () => batches.forEach(assertOneMoment));
          await reader.read({ behind: WRITES - 1 });
        }),
      ],
    ),
  ],
);

/** Bytes may come in any class of bytes. */
function contentOf({ data }: Snapshot): string | Uint8Array {
  return typeof data === "string" ? data : new Uint8Array(data);
}

function firstBehind(store: EventStore): Promise<EventBatch> {
  return firstBatchOf(store.read({ stream }, { snapshot: { schemaVersion: SCHEMA } }));
}

/** Does something so many times, and lets others have their turn in between. */
async function taking(times: number, step: (at: number) => Promise<unknown>): Promise<void> {
  for (const at of numbersBelow(times)) {
    await step(at);
    await yieldToLoop();
  }
}

/** Writes one event; every second with a snapshot that has it. */
function writeOne(store: EventStore, at: number): Promise<unknown> {
  const append = { kind: "append", stream, expectedVersion: "any", events: newEvents(1) } as const;
  return store.write(at % 2 === 0 ? [append] : [append, snapshotAt(at)]);
}

/** Asserts that a batch has the last snapshot that was written with the events up to its last version, and what follows. */
function assertOneMoment({ snapshot, events, lastVersion }: EventBatch): void {
  const last = lastVersion ?? -1;
  const behind = last - ((last + 1) % 2);
  assert.equal(snapshot?.version ?? -1, behind, `The snapshot of a stream whose last version is ${last}`);
  assert.deepEqual(versionsOf(events), numbersBelow(last + 1).slice(behind + 1));
}
