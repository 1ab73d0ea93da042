import { version } from "@reactive-domain/core";
import type { EventBatch, EventStore, ReadOptions } from "@reactive-domain/persistence";
import type { PostgresEventStore } from "@reactive-domain/postgres";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openedStore } from "../opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

const LARGE = 6_000;
const SNAPSHOT = { version: 2, schemaVersion: 1, hash: "h", contentType: "text/plain", data: "sum" };
/** What there may be to tell of a stream. */
const STREAMS = [
  "never-written",
  "live-1",
  "deleted-1",
  "rewritten-1",
  "tombstoned-1",
  "counted-1",
  "cut-1",
  "emptied-1",
  "aged-1",
  "scavenged-1",
  "mixed-1",
  "large-1",
  "signs-\u001e\u001b",
];
const OPTIONS: readonly ReadOptions<never>[] = [
  {},
  { from: "end" },
  { from: { at: 3 as never } },
  { from: { at: 99 as never } },
  { maxBatchEvents: 2 },
  { maxBatchBytes: 1 },
  { maxBatchBytes: LARGE },
  { maxBatchBytes: 2 * LARGE },
  { snapshot: { schemaVersion: 1 } },
  { snapshot: { schemaVersion: 2 } },
  { snapshot: { schemaVersion: 1 }, maxBatchEvents: 1, maxBatchBytes: 10 },
];

describe.each(await postgresServers())("a page that is read alone on $name", ({ url }) => {
  test("tells what it tells when it is read together with others, whatever its stream is", async () => {
    const store = await openedStore(url, { schema: temporarySchema(url), listen: false });
    await write(store);
    for (const stream of STREAMS) {
      for (const options of OPTIONS) {
        const alone = told(await first(store, stream, options));
        const [together] = await Promise.all([stream, "live-1", "live-1"].map((one) => first(store, one, options)));
        if (together === undefined) throw new Error("Every read gives a page.");
        expect({ stream, options, ...alone }).toEqual({ stream, options, ...told(together) });
      }
    }
  });

  test("takes one round trip, also where nobody knows before whether it is too large", async () => {
    const { store, statements } = await largeEvents(url);
    // Four events have at most 4 * 8192 bytes together; they have little more than LARGE.
    expect((await first(store, "mixed-1", { maxBatchBytes: 2 * LARGE })).events).toHaveLength(4);
    expect(statements()).toBe(1);
  });

  test("takes two where it is too large, and one from then on", async () => {
    const { store, statements } = await largeEvents(url);
    for (const count of [2, 3, 4]) {
      expect((await first(store, "large-1", { maxBatchBytes: 2 * LARGE })).events).toHaveLength(1);
      expect(statements()).toBe(count);
    }
    // One stream says nothing of another.
    expect((await first(store, "mixed-1", { maxBatchBytes: 2 * LARGE })).events).toHaveLength(4);
    expect(statements()).toBe(5);
  });
});

/** A store with a stream of large events, and one with a large event among small ones; and how many statements it has run since. */
async function largeEvents(url: string): Promise<{ readonly store: EventStore; readonly statements: () => number }> {
  const store = await openedStore(url, { schema: temporarySchema(url), listen: false });
  await writeLarge(store);
  const spy = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => spy.mockRestore());
  return { store, statements: () => spy.mock.calls.length };
}

async function write(store: PostgresEventStore): Promise<void> {
  const append = (stream: string): Promise<unknown> => store.append(stream, newEvents(5), { expectedVersion: "any" });
  for (const stream of STREAMS.slice(1, -3)) await append(stream);
  await store.append("signs-\u001e\u001b", [newEvent({ data: "\u001e" }), newEvent({ data: Buffer.from([1, 2]) })], {
    expectedVersion: "any",
  });
  await writeLarge(store);
  for (const name of STREAMS) await store.write([{ kind: "snapshot", name, ...SNAPSHOT }]);
  await store.write([
    { kind: "metadata", stream: "counted-1", metadata: { maxCount: 2 } },
    { kind: "metadata", stream: "cut-1", metadata: { truncateBefore: version(4) } },
    { kind: "metadata", stream: "emptied-1", metadata: { truncateBefore: version(5) } },
    { kind: "metadata", stream: "aged-1", metadata: { maxAgeMs: 3_600_000 } },
    { kind: "metadata", stream: "scavenged-1", metadata: { maxCount: 1 } },
  ]);
  for (const stream of ["deleted-1", "rewritten-1"]) await store.write([{ kind: "delete", stream, expectedVersion: "any" }]);
  await store.write([{ kind: "tombstone", stream: "tombstoned-1", expectedVersion: "any" }]);
  await append("rewritten-1");
  await store.scavenge();
}

async function writeLarge(store: EventStore): Promise<void> {
  const large = (): ReturnType<typeof newEvent> => newEvent({ data: "x".repeat(LARGE) });
  await store.append("large-1", [large(), large(), large()], { expectedVersion: "any" });
  await store.append("mixed-1", [newEvent(), large(), newEvent(), newEvent()], { expectedVersion: "any" });
}

async function first(store: EventStore, stream: string, options: ReadOptions<never>): Promise<EventBatch> {
  for await (const batch of store.read({ stream }, options).batches()) return batch;
  return { events: [], next: null, isEnd: true, head: null, lastVersion: null };
}

/** All that a page tells. */
function told({ events, ...page }: EventBatch): Record<string, unknown> {
  const plain = events.map((event) => {
    const { stream, type, id, contentType, metadata, data, schemaVersion, time } = event;
    return { stream, type, id, contentType, metadata, data, schemaVersion, time, at: [event.position, event.version] };
  });
  return { ...page, events: plain };
}
