import assert from "node:assert/strict";
import { version, type JsonObject } from "@reactive-domain/core";
import type { MetadataItem, StreamMetadata } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertRefused } from "./refusal.ts";
import { deleteStream, describeStream } from "./stream-changes.ts";

const stream = "account-1";
const CUSTOM: JsonObject = { owner: "Größe 😀", tags: ["a", 1, null, true, -0.5, []], nested: { deep: { empty: {} } }, "": "no key" };
const BAD: Readonly<Record<string, readonly unknown[]>> = {
  maxCount: [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "3", null],
  maxAgeMs: [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "3", null],
  truncateBefore: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "3", null],
  custom: ["text", 7, null, [], { when: new Date(0) }, { not: Number.NaN }, { big: 1n }],
  maxcount: [3],
};

/** What is said about a stream, and what a store tells of it. */
export const streamMetadataCases: readonly ConformanceCase[] = requiring(
  ["streamMetadata"],
  [
    storeCase("what is said about a stream comes back as it was said", [], async (store) => {
      await grow(store, stream, 2);
      const metadata: StreamMetadata = { maxCount: 5, maxAgeMs: 86_400_000, truncateBefore: version(1), custom: CUSTOM };
      const { position, streams, repeated } = await describeStream(store, stream, metadata);
      assert.deepEqual({ position, streams: [...streams], repeated }, { position: null, streams: [], repeated: false });
      assert.deepEqual((await store.streamInfo(stream)).metadata, metadata);
      assert.deepEqual((await store.streamInfo("account-2")).metadata, {}, "Other streams have nothing of it.");
    }),

    storeCase("what is undefined in the metadata of a stream is left out", [], async (store) => {
      const metadata: unknown = { maxCount: undefined, custom: { owner: "Ada", team: undefined, nested: { gone: undefined } } };
      await describeStream(store, stream, metadata as StreamMetadata);
      assert.deepEqual((await store.streamInfo(stream)).metadata, { custom: { owner: "Ada", nested: {} } });
    }),

    storeCase("what is said about a stream replaces all that was said before", [], async (store) => {
      await grow(store, stream, 2);
      const told: readonly StreamMetadata[] = [
        { maxCount: 1, custom: { owner: "Ada", team: "blue" } },
        { custom: { owner: "Grace" } },
        { maxAgeMs: 60_000 },
        { truncateBefore: version(1), custom: {} },
        {},
      ];
      for (const metadata of told) {
        await describeStream(store, stream, metadata);
        assert.deepEqual((await store.streamInfo(stream)).metadata, metadata);
      }
    }),

    storeCase("something may be said about a stream before it exists, and takes no version and no position", [], async (store) => {
      await describeStream(store, stream, { custom: CUSTOM });
      const info = await store.streamInfo(stream);
      assert.deepEqual({ ...info }, { stream, state: "missing", lastVersion: null, firstVersion: null, metadata: { custom: CUSTOM } });
      await assertLog(store, [], "of which only metadata was written");
      const { version: first, position } = await store.append(stream, newEvents(1), { expectedVersion: "noStream" });
      assert.deepEqual({ first, position }, { first: 0, position: 0 });
      assert.deepEqual((await store.streamInfo(stream)).metadata, { custom: CUSTOM });
    }),

    storeCase("what is said about a stream does not change with the objects that were handed in or out", [], async (store) => {
      const nested = { list: ["a"] };
      const metadata = { maxCount: 2, custom: { owner: "Ada", nested } };
      await grow(store, stream, 4);
      await describeStream(store, stream, metadata);
      metadata.maxCount = 1;
      metadata.custom.owner = "Eve";
      nested.list.push("b");
      const expected = { maxCount: 2, custom: { owner: "Ada", nested: { list: ["a"] } } };
      const told = (await store.streamInfo(stream)).metadata;
      assert.deepEqual(told, expected);
      try {
        Object.assign(told, { maxCount: 3 });
        Object.assign(told.custom ?? {}, { owner: "Eve" });
      } catch {
        // A store may hand out what is frozen.
      }
      const { firstVersion, metadata: again } = await store.streamInfo(stream);
      assert.deepEqual(again, expected);
      assert.equal(firstVersion, 2);
    }),

    ...Object.entries(BAD).map(([key, values]) =>
      storeCase(`metadata with a bad ${key} is refused, and what was said before stays`, [], async (store) => {
        await describeStream(store, stream, { custom: CUSTOM });
        for (const value of values) {
          const metadata: unknown = { [key]: value };
          const call = describeStream(store, stream, metadata as StreamMetadata);
          await assertRefused(call, "invalid-write", `metadata whose ${key} is ${String(value)}`);
        }
        assert.deepEqual((await store.streamInfo(stream)).metadata, { custom: CUSTOM });
      }),
    ),

    storeCase("metadata that is no object, or about a stream that no name fits, is refused", [], async (store) => {
      for (const metadata of [null, undefined, "text", 7, []] as readonly unknown[]) {
        const call = describeStream(store, stream, metadata as StreamMetadata);
        await assertRefused(call, "invalid-write", `metadata that is ${JSON.stringify(metadata)}`);
      }
      for (const name of ["", " ", "$system", "a".repeat(513)]) {
        await assertRefused(describeStream(store, name, { maxCount: 1 }), "invalid-write", `metadata of ${JSON.stringify(name)}`);
      }
    }),

    ...requiring(
      ["severalItems"],
      [
        storeCase("metadata and an append are written together, or neither is", ["F5"], async (store) => {
          const [events, metadata] = [newEvents(3), { maxCount: 2 }];
          const about: MetadataItem = { kind: "metadata", stream, metadata };
          const refused = store.write([about, { kind: "append", stream, expectedVersion: "exists", events }]);
          await assertRefused(refused, "wrong-expected-version", "a write with a conflict");
          assert.deepEqual((await store.streamInfo(stream)).metadata, {});
          const { streams } = await store.write([about, { kind: "append", stream, expectedVersion: "noStream", events }]);
          assert.equal(streams.length, 1);
          const { firstVersion, metadata: told } = await store.streamInfo(stream);
          assert.deepEqual({ firstVersion, told }, { firstVersion: 1, told: metadata });
          const twice = store.write([about, { ...about, metadata: {} }]);
          await assertRefused(twice, "invalid-write", "a write that says something about a stream twice");
        }),
      ],
    ),

    ...requiring(
      ["softDelete"],
      [
        storeCase("what is said about a stream outlives its deletion", ["F6"], async (store) => {
          await grow(store, stream, 5);
          await describeStream(store, stream, { maxCount: 2, custom: CUSTOM });
          await deleteStream(store, stream);
          assert.deepEqual((await store.streamInfo(stream)).metadata, { maxCount: 2, custom: CUSTOM });
          await grow(store, stream, 4);
          const { firstVersion, metadata } = await store.streamInfo(stream);
          assert.deepEqual({ firstVersion, metadata }, { firstVersion: 7, metadata: { maxCount: 2, custom: CUSTOM } });
        }),
      ],
    ),
  ],
);
