import { position } from "@reactive-domain/core";
import { copyStore, type EventStore, type RecordsPart } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

const STREAMS = 2_500;

/** A store whose records take several pages. */
async function fill(store: EventStore): Promise<void> {
  for (let stream = 0; stream < STREAMS; stream++)
    void store.append(`account-${stream % STREAMS}`, [newEvent(), newEvent()], { expectedVersion: "noStream" });
  await store.append("bytes-1", [newEvent({ contentType: "image/png", data: new Uint8Array([0, 255]) })], { expectedVersion: "noStream" });
  await store.groups.create("mails", { source: { all: true }, orderBy: "stream" });
  await store.groups.claim("mails", { consumer: "worker-1", maxEvents: 900 });
  await store.groups.claim("mails", { consumer: "worker-2", maxEvents: 900 });
  await store.write([{ kind: "tombstone", stream: "account-7", expectedVersion: "any" }]);
}

async function roundOf(store: EventStore): Promise<readonly RecordsPart[]> {
  const parts: RecordsPart[] = [];
  for await (const part of store.transfer.records()) parts.push(part);
  return parts;
}

/** All that a store holds, as text, in an order that does not depend on the store. */
async function contentOf(store: EventStore): Promise<unknown> {
  const records = (await roundOf(store)).flatMap((part) => part.records.map(inOrder));
  const events = (await collect(store, { all: true })).map((event) => [inOrder(event), Buffer.from(event.data).toString("hex")]);
  return { records: records.toSorted(), events };
}

/** JSON with its keys in order, and without bytes. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (key === "data") return undefined;
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1))) : inner;
  });
}

test("a log goes from one kind of store to another and back, and is the same", async () => {
  await using source = await openSqliteStore(temporaryFile());
  await using memory = createInMemoryStore();
  await using back = await openSqliteStore(temporaryFile());
  await fill(source);
  await copyStore(source, memory);
  await copyStore(memory, back);
  const content = await contentOf(source);
  expect(await contentOf(memory)).toEqual(content);
  expect(await contentOf(back)).toEqual(content);
});

test("records are of one moment, whatever is written while they are read", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await using other = await openSqliteStore(path);
  await fill(store);
  const before = (await roundOf(store)).flatMap(({ records }) => records);
  const parts: RecordsPart[] = [];
  for await (const part of store.transfer.records()) {
    parts.push(part);
    const events = [newEvent()];
    await other.append(`late-${part.index}`, events, { expectedVersion: "noStream" });
    await store.write([{ kind: "checkpoint", name: `late-${part.index}`, expected: null, position: position(0) }]);
    await store.groups.claim("mails", { consumer: `worker-${part.index + 3}`, maxEvents: 10 });
  }
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.flatMap(({ records }) => records)).toEqual(before);
  expect(parts.map(({ isLast }) => isLast)).toEqual([...parts.slice(1).map(() => false), true]);
});

test("records that nobody reads to their end hold up neither writers nor the end of the store", async () => {
  const store = await openSqliteStore(temporaryFile());
  await fill(store);
  const reading = store.transfer.records()[Symbol.asyncIterator]();
  await reading.next();
  await store.append("late-1", [newEvent()], { expectedVersion: "noStream" });
  await store.close();
  await expect(reading.next()).rejects.toMatchObject({ code: "already-closed" });
});

test("another process is refused to change a copy that is not whole, and goes on with one that is", async () => {
  const path = temporaryFile();
  await using source = await openSqliteStore(temporaryFile());
  await using target = await openSqliteStore(path);
  await using application = await openSqliteStore(path);
  await fill(source);
  const stop = new AbortController();
  const copying = copyStore(source, target, {
    signal: stop.signal,
    maxPartEvents: 1_000,
    onPart: () => stop.abort(new Error("stop here")),
  });
  await expect(copying).rejects.toThrow("stop here");
  const append = (store: EventStore) => store.append("mine-1", [newEvent()], { expectedVersion: "any" });
  await expect(append(application)).rejects.toMatchObject({ code: "copy-under-way" });
  expect(await collect(application, { all: true })).toHaveLength(1_000);
  await copyStore(source, target);
  expect(await append(application)).toMatchObject({ position: 2 * STREAMS + 1, version: 0 });
  expect(await append(target)).toMatchObject({ position: 2 * STREAMS + 2, version: 1 });
  await expect(copyStore(source, target)).rejects.toMatchObject({ code: "transfer-refused" });
});

test("of several that copy into one store at once each part is taken once", async () => {
  const path = temporaryFile();
  await using source = await openSqliteStore(temporaryFile());
  await fill(source);
  await using one = await openSqliteStore(path);
  await using other = await openSqliteStore(path);
  const outcomes = await Promise.allSettled([
    copyStore(source, one, { maxPartEvents: 100 }),
    copyStore(source, other, { maxPartEvents: 130 }),
  ]);
  expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
  await copyStore(source, one);
  expect(await contentOf(one)).toEqual(await contentOf(source));
});

test("a store that is read only hands out, and takes nothing", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  await fill(store);
  await store.close();
  await using source = await openSqliteStore(path, { readOnly: true });
  await using target = await openSqliteStore(temporaryFile());
  await copyStore(source, target);
  expect(await contentOf(target)).toEqual(await contentOf(source));
  const part = { kind: "events", log: "another", after: null, events: [], upTo: null } as const;
  await expect(source.transfer.take(part)).rejects.toMatchObject({ code: "store-unavailable" });
});

test("a copy is of the file that was opened, also after the working directory has changed", async () => {
  const [first, second, before] = [temporaryDirectory(), temporaryDirectory(), process.cwd()];
  onTestFinished(() => process.chdir(before));
  process.chdir(first);
  await using source = await openSqliteStore("bank.db");
  await source.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  process.chdir(second);
  await using another = await openSqliteStore("bank.db");
  await another.append("other-1", [newEvent()], { expectedVersion: "noStream" });
  await using target = createInMemoryStore();
  await copyStore(source, target);
  expect((await target.streamInfo("account-1")).state).toBe("live");
  expect((await target.streamInfo("other-1")).state).toBe("missing");
});
