import { copyStore, type Direction, type ReadSource, type RecordedEvent } from "@reactive-domain/persistence";
import { openPostgresStore, type PostgresEventStore } from "@reactive-domain/postgres";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, it } from "vitest";

const MAX_BATCH_BYTES = 32 * 1024;
/** Together below the bound of a page, whatever their number; above it; each above it. */
const SIZES = [100, 3_000, 40_000];

describe.each(await postgresServers())("the bytes of pages on $name", ({ url }) => {
  it("are bounded, whether events are known to be small or have to be measured", async () => {
    await using store = await openPostgresStore(url, { schema: temporarySchema(url) });
    const written: string[] = [];
    for (const size of SIZES) {
      const events = Array.from({ length: 40 }, (_, index) => newEvent({ data: index % 2 === 0 ? text(size) : Buffer.from(text(size)) }));
      await store.append("account-1", events, { expectedVersion: "any" });
      written.push(...events.map(({ id }) => id));
      for (const source of [{ all: true }, { stream: "account-1" }, { category: "account" }] as const) {
        expect(await idsWithin(store, source, "forwards")).toEqual(written);
        expect(await idsWithin(store, source, "backwards")).toEqual(written.toReversed());
      }
    }
  });

  it("are reckoned with the size of the largest event, whichever way it came", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    expect(await noted(url, schema)).toBe(1_024);
    await store.append("account-1", [newEvent({ data: text(2_000) })], { expectedVersion: "any" });
    expect(await noted(url, schema)).toBe(2_048);
    await store.append("account-1", [newEvent(), newEvent({ data: Buffer.alloc(4_000) }), newEvent()], { expectedVersion: "any" });
    expect(await noted(url, schema)).toBe(4_096);
    const event = newEvent({ metadata: text(8_191), data: "1" });
    await store.transaction(() => Promise.resolve([{ kind: "append", stream: "account-1", expectedVersion: "any", events: [event] }]));
    expect(await noted(url, schema)).toBe(8_192);

    const copySchema = temporarySchema(url);
    await using copy = await openPostgresStore(url, { schema: copySchema });
    await copyStore(store, copy);
    expect(await noted(url, copySchema)).toBe(8_192);
  });

  it("may be said to be more than a text can hold", async () => {
    await using store = await openPostgresStore(url, { schema: temporarySchema(url) });
    await store.append("account-1", newEvents(3), { expectedVersion: "any" });
    for (const source of [{ all: true }, { stream: "account-1" }] as const)
      expect(await lengthOf(store, source, Number.MAX_SAFE_INTEGER)).toBe(3);
  });
});

/** The ids of events that come in pages which keep to their bound, but for those of one event. */
async function idsWithin(store: PostgresEventStore, source: ReadSource, direction: Direction): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { events } of store.read(source, { direction, maxBatchBytes: MAX_BATCH_BYTES }).batches()) {
    const bytes = events.length > 1 ? events.reduce((sum, event) => sum + bytesOf(event), 0) : 0;
    expect(bytes).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    ids.push(...events.map(({ id }) => id));
  }
  return ids;
}

async function lengthOf(
  store: PostgresEventStore,
  source: Parameters<PostgresEventStore["read"]>[0],
  maxBatchBytes: number,
): Promise<number> {
  let length = 0;
  for await (const { events } of store.read(source, { maxBatchBytes }).batches()) length += events.length;
  return length;
}

async function noted(url: string, schema: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ readonly most: string }>(`SELECT max_event_bytes AS most FROM ${schema}.log`);
    return Number(rows[0]?.most);
  });
}

function text(bytes: number): string {
  return "x".repeat(bytes);
}

function bytesOf({ metadata, data }: RecordedEvent): number {
  return Buffer.byteLength(metadata) + Buffer.byteLength(data);
}
