import { position, version } from "@reactive-domain/core";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { afterAll, describe, expect, test } from "vitest";
import { serve } from "./served-stores.ts";

const inside = createInMemoryStore();
const server = await serve(inside);
const given = process.env["KURRENTDB_URL"] ?? "";
/** Streams of other runs may be there. */
const run = `run${newEvent().id.replaceAll("-", "")}`;

afterAll(async () => {
  await server.close();
  await inside.close();
});

const nodes = [{ name: "our server", url: server.url }, ...(given === "" ? [] : [{ name: "the node of KURRENTDB_URL", url: given }])];

describe.each(nodes)("on $name", ({ url }) => {
  test("a writer says what it believes about a stream, and is told what is where that is wrong", async () => {
    await using store = await openKurrentStore(url);
    const stream = `${run}-expected`;
    const first = await store.append(stream, newEvents(2), { expectedVersion: "noStream" });
    expect(first).toMatchObject({ stream, version: 1, repeated: false });
    await store.append(stream, newEvents(1), { expectedVersion: first.version });
    await store.append(stream, newEvents(1), { expectedVersion: "exists" });
    for (const expected of ["noStream", version(1)] as const) {
      const refused = store.append(stream, newEvents(1), { expectedVersion: expected });
      await expect(refused).rejects.toMatchObject({ code: "wrong-expected-version", expected, actual: 3 });
    }
  });

  test("an append that is made again is answered as it was", async () => {
    await using store = await openKurrentStore(url);
    const events = newEvents(2);
    const options = { expectedVersion: "noStream" } as const;
    const first = await store.append(`${run}-again`, events, options);
    expect(await store.append(`${run}-again`, events, options)).toEqual({ ...first, repeated: true });
  });

  test("a stream and a category are read both ways, in the order of the log", async () => {
    await using store = await openKurrentStore(url);
    const [one, other] = [newEvents(3), newEvents(2)];
    await store.append(`${run}both-1`, one, { expectedVersion: "noStream" });
    await store.append(`${run}both-2`, other, { expectedVersion: "noStream" });
    const ids = [...one, ...other].map(({ id }) => id);
    const read = await collect(store, { category: `${run}both` });
    expect(read.map(({ id }) => id)).toEqual(ids);
    const backwards: string[] = [];
    for await (const { id } of store.read({ category: `${run}both` }, { direction: "backwards", maxBatchEvents: 2 })) backwards.push(id);
    expect(backwards).toEqual(ids.toReversed());
    expect((await collect(store, { stream: `${run}both-2` })).map((event) => event.version)).toEqual([0, 1]);
  });

  test("a stream that was deleted reads as if it did not exist, and is written again with versions that go on", async () => {
    await using store = await openKurrentStore(url);
    const stream = `${run}-deleted`;
    await store.append(stream, newEvents(3), { expectedVersion: "noStream" });
    await store.write([{ kind: "delete", stream, expectedVersion: "exists" }]);
    expect(await collect(store, { stream })).toEqual([]);
    expect(await store.streamInfo(stream)).toMatchObject({ state: "deleted", lastVersion: 2, firstVersion: null });
    expect(await store.append(stream, newEvents(1), { expectedVersion: "noStream" })).toMatchObject({ version: 3 });
    expect(await store.streamInfo(stream)).toMatchObject({ state: "live", firstVersion: 3, metadata: {} });
  });

  test("a stream that was deleted for ever is not written again", async () => {
    await using store = await openKurrentStore(url);
    const stream = `${run}-barred`;
    await store.append(stream, newEvents(2), { expectedVersion: "noStream" });
    await store.write([{ kind: "tombstone", stream, expectedVersion: version(1) }]);
    await expect(store.append(stream, newEvents(1), { expectedVersion: "any" })).rejects.toMatchObject({ code: "stream-tombstoned" });
    expect(await store.streamInfo(stream)).toMatchObject({ state: "tombstoned", lastVersion: 1 });
  });

  test("what is said about a stream is told, and hides its events", async () => {
    await using store = await openKurrentStore(url);
    const stream = `${run}-said`;
    await store.append(stream, newEvents(4), { expectedVersion: "noStream" });
    const metadata = { maxCount: 2, maxAgeMs: 3_600_500, custom: { owner: "Ann" } };
    await store.write([{ kind: "metadata", stream, metadata }]);
    expect((await collect(store, { stream })).map((event) => event.version)).toEqual([2, 3]);
    expect(await store.streamInfo(stream)).toMatchObject({ firstVersion: 2, lastVersion: 3, metadata });
  });

  test("a checkpoint moves from where it is, and a snapshot is given back", async () => {
    await using store = await openKurrentStore(url);
    const { position: place } = await store.append(`${run}-kept`, newEvents(1), { expectedVersion: "noStream" });
    const name = `${run}-balances`;
    await store.write([{ kind: "checkpoint", name, expected: null, position: place }]);
    expect(await store.checkpoint(name)).toBe(place);
    const moved = store.write([{ kind: "checkpoint", name, expected: position(0), position: place }]);
    await expect(moved).rejects.toMatchObject({ code: "wrong-checkpoint", actual: place });
    const snapshot = { name, version: 3, schemaVersion: 1, hash: "h", contentType: "application/json", data: '{"sum": 1}' };
    await store.write([{ kind: "snapshot", ...snapshot }]);
    expect(await store.snapshot(name)).toMatchObject(snapshot);
  });
});
