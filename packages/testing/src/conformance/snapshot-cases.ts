import assert from "node:assert/strict";
import { currentRuntime } from "@reactive-domain/core";
import type { EventStore, Snapshot, SnapshotItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { CLOCK_TOLERANCE_MS } from "./leasing.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const name = "account-1";
const TEXTS = ['{"b":1,  "a":2,"a":3}', "", "größe 😀\u0000\r\n", " "];

/** States that are kept beside the log. */
export const snapshotCases: readonly ConformanceCase[] = [
  ...requiring(
    ["snapshots"],
    [
      storeCase("a name without a snapshot has none", [], async (store) => {
        assert.equal(await store.snapshot(name), undefined);
        await grow(store, name, 2);
        assert.equal(await store.snapshot(name), undefined);
      }),

      storeCase("a snapshot of text comes back as it was put, in all of its fields", [], async (store) => {
        for (const [version, data] of TEXTS.entries()) {
          const item = snapshot({ version, schemaVersion: 7, hash: "sha256:ä=", contentType: "text/x-état", data });
          await store.write([item]);
          assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(item));
        }
      }),

      storeCase("a snapshot of bytes comes back byte by byte", [], async (store) => {
        const data = Uint8Array.from({ length: 256 }, (_, byte) => byte);
        await store.write([snapshot({ data, contentType: "application/octet-stream" })]);
        assert.deepEqual(new Uint8Array(bytesOf(await store.snapshot(name))), data);
      }),

      storeCase("a snapshot tells when it was put, by the store's clock", [], async (store) => {
        await store.write([snapshot()]);
        const time = (await store.snapshot(name))?.time;
        assert.ok(time instanceof Date, "The time of a snapshot must be a Date.");
        assert.ok(Math.abs(time.getTime() - currentRuntime().clock.now()) < CLOCK_TOLERANCE_MS, `${time.toISOString()} is not now.`);
      }),

      storeCase("a later snapshot takes the place of an earlier one, and so does one of the same version", [], async (store) => {
        for (const item of [snapshot({ version: 3 }), snapshot({ version: 9, data: "nine" }), snapshot({ version: 9, data: "again" })]) {
          await store.write([item]);
          assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(item));
        }
      }),

      storeCase("a snapshot that is behind the one that is there, in the same schema version, is passed over", [], async (store) => {
        const newer = snapshot({ version: 10, data: "newer" });
        await store.write([newer]);
        const { position, streams } = await store.write([snapshot({ version: 9, data: "older" })]);
        assert.deepEqual({ position, streams: [...streams] }, { position: null, streams: [] }, "To pass it over is no error.");
        assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(newer));
      }),

      storeCase("a snapshot of another schema version takes the place also of one that is further", [], async (store) => {
        for (const item of [
          snapshot({ version: 10, schemaVersion: 1 }),
          snapshot({ version: 4, schemaVersion: 2 }),
          snapshot({ version: 3, schemaVersion: 1 }),
        ]) {
          await store.write([item]);
          assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(item));
        }
      }),

      storeCase("snapshots of several names, with and without a stream, do not know each other", [], async (store) => {
        const names = ["account-1", "account-10", "Account-1", "balances of all", "größe 😀", "s".repeat(512)];
        for (const [version, one] of names.entries()) await store.write([snapshot({ name: one, version, data: one })]);
        for (const [version, one] of names.entries()) {
          assert.deepEqual(fieldsOf(await store.snapshot(one)), fieldsOf(snapshot({ name: one, version, data: one })));
        }
      }),

      storeCase("bytes that change in the hands of the writer or a reader do not change the snapshot", [], async (store) => {
        const data = Uint8Array.of(1, 2, 3);
        await store.write([snapshot({ data })]);
        data.fill(9);
        const first = await store.snapshot(name);
        assert.deepEqual([...bytesOf(first)], [1, 2, 3]);
        bytesOf(first).fill(9);
        first?.time.setTime(0);
        const second = await store.snapshot(name);
        assert.deepEqual([...bytesOf(second)], [1, 2, 3]);
        assert.notEqual(second?.time.getTime(), 0);
      }),

      storeCase("a snapshot that no store keeps is refused, and what is there stays", [], async (store) => {
        const good = snapshot({ version: 1 });
        await store.write([good]);
        for (const facts of BAD) {
          const item: unknown = { ...snapshot({ version: 5 }), ...facts };
          await assertRefused(store.write([item as SnapshotItem]), "invalid-write", `a snapshot with ${JSON.stringify(facts)}`);
        }
        assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(good));
      }),
    ],
  ),

  ...requiring(
    ["snapshots", "severalItems"],
    [
      storeCase("a snapshot is put with the events of its write", [], async (store) => {
        const events = newEvents(2);
        const item = snapshot({ version: 1 });
        const result = await store.write([item, { kind: "append", stream: name, expectedVersion: "noStream", events }]);
        assert.deepEqual({ position: result.position, streams: result.streams.length }, { position: 1, streams: 1 });
        assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(item));
        await assertLog(store, events, "after a write with a snapshot");
      }),

      storeCase("a conflict puts neither the events of its write nor the snapshot", [], async (store) => {
        const events = await grow(store, name, 2);
        await assertRefused(conflict(store, snapshot({ version: 3 })), "wrong-expected-version", "a conflict");
        assert.equal(await store.snapshot(name), undefined);
        await assertLog(store, events, "after a conflict");
        const kept = snapshot({ version: 1, data: "kept" });
        await store.write([kept]);
        await assertRefused(conflict(store, snapshot({ version: 3 })), "wrong-expected-version", "a conflict");
        assert.deepEqual(fieldsOf(await store.snapshot(name)), fieldsOf(kept));
      }),
    ],
  ),
];

const BAD: readonly Readonly<Record<string, unknown>>[] = [
  ...["", " ", "$system", "a".repeat(513), "nul\0here", "half\ud83d", null, 7].map((bad) => ({ name: bad })),
  ...[-1, 1.5, Number.NaN, 2 ** 53, "1", null].map((version) => ({ version })),
  ...[0, -1, 1.5, Number.NaN, "1", null].map((schemaVersion) => ({ schemaVersion })),
  ...["", " ", "a".repeat(257), "nul\0here", null, 7].map((hash) => ({ hash })),
  ...["", " ", null].map((contentType) => ({ contentType })),
  ...[null, 7, { amount: 1 }, [1, 2]].map((data) => ({ data })),
];

function snapshot(facts: Partial<SnapshotItem> = {}): SnapshotItem {
  return { kind: "snapshot", name, version: 1, schemaVersion: 1, hash: "h1", contentType: "application/json", data: "{}", ...facts };
}

function conflict(store: EventStore, item: SnapshotItem): Promise<unknown> {
  return store.write([item, { kind: "append", stream: name, expectedVersion: "noStream", events: newEvents(1) }]);
}

function bytesOf(found: Snapshot | undefined): Uint8Array {
  assert.ok(found?.data instanceof Uint8Array, "Bytes must come back as bytes.");
  return found.data;
}

/** What a writer said about a snapshot. */
function fieldsOf(found: Omit<Snapshot, "time"> | undefined): object {
  assert.ok(found !== undefined, "There must be a snapshot.");
  return {
    name: found.name,
    version: found.version,
    schemaVersion: found.schemaVersion,
    hash: found.hash,
    contentType: found.contentType,
    data: found.data,
  };
}
