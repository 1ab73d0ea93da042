import type { EventBatch, EventStore, ReadOptions } from "@reactive-domain/persistence";
import { newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openedStore } from "../opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

const STREAMS = Array.from({ length: 16 }, (_, nth) => `account-${nth}`);
const options: ReadOptions<never> = { snapshot: { schemaVersion: 2 } };

describe.each(await postgresServers())("reads that begin behind a snapshot on $name", ({ url }) => {
  /** Streams of four events, each with a snapshot that has the first two, and the ids of the events. */
  async function filledSchema(data = "{}"): Promise<{ readonly schema: string; readonly ids: readonly string[] }> {
    const schema = temporarySchema(url);
    const store = await openedStore(url, { schema });
    const content = { version: 1, schemaVersion: 2, hash: "h", contentType: "text/plain", data };
    const ids: string[] = [];
    for (const stream of STREAMS) {
      const events = newEvents(4, { data });
      ids.push(...events.map(({ id }) => id));
      await store.write([
        { kind: "append", stream, expectedVersion: "noStream", events },
        { kind: "snapshot", name: stream, ...content },
      ]);
    }
    return { schema, ids };
  }

  /** How many statements are run from now on. */
  function countStatements(): () => number {
    const spy = vi.spyOn(pg.Client.prototype, "query");
    onTestFinished(() => spy.mockRestore());
    return () => spy.mock.calls.length;
  }

  test.each([false, true])("take one round trip, whether the store is opened for reading only (%s) or not", async (readOnly) => {
    const { schema, ids } = await filledSchema();
    const store = await openedStore(url, { schema, readOnly, listen: false });
    await first(store, "account-1");
    const statements = countStatements();
    expect(told(await first(store, "account-1"))).toEqual(["account-1", 1, [2, 3]]);
    expect(statements()).toBe(1);
    const start = { schemaVersion: 2, unlessRecorded: ids[5] ?? "" };
    expect(told(await first(store, "account-1", { snapshot: start }))).toEqual([undefined, undefined, [0, 1, 2, 3]]);
    expect(told(await first(store, "account-2", { snapshot: start }))).toEqual(["account-2", 1, [2, 3]]);
    expect(statements()).toBe(3);
  });

  test("share statements with others, also with reads that begin at the start", async () => {
    const { schema } = await filledSchema();
    const store = await openedStore(url, { schema, listen: false });
    const statements = countStatements();
    const batches = await Promise.all(STREAMS.map((stream, nth) => first(store, stream, nth % 3 === 0 ? {} : options)));
    expect(batches.map(told)).toEqual(
      STREAMS.map((stream, nth) => (nth % 3 === 0 ? [undefined, undefined, [0, 1, 2, 3]] : [stream, 1, [2, 3]])),
    );
    expect(statements()).toBe(2);
  });

  test("give what has the sign in it that separates events", async () => {
    const data = "\u001e\u001b one \u001e two";
    const { schema } = await filledSchema(data);
    const store = await openedStore(url, { schema, listen: false });
    const batch = await first(store, "account-3");
    expect([batch.snapshot?.data, ...batch.events.map((event) => event.data)]).toEqual([data, data, data]);
  });
});

async function first(store: EventStore, stream: string, asked = options): Promise<EventBatch> {
  for await (const batch of store.read({ stream }, asked).batches()) return batch;
  throw new Error("A read gives at least one batch.");
}

function told({ snapshot, events }: EventBatch): readonly unknown[] {
  return [snapshot?.name, snapshot?.version, events.map(({ version }) => version)];
}
