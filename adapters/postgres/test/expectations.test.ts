import { newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import type { ExpectItem } from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";
import { makeOldSchema } from "./old-schema.ts";
import { openedStore } from "./opened-store.ts";

const BEFORE = 7;
const empty = (stream: string): ExpectItem => ({ kind: "expect", stream, expectedVersion: "noStream" });

describe.each(await postgresServers())("expectations in PostgreSQL on $name", ({ url }) => {
  it("are held against streams in stores, too, that were made before they were", async () => {
    const schema = temporarySchema(url);
    await makeOldSchema(url, schema, BEFORE);
    const store = await openedStore(url, { schema });
    await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
    await expect(store.write([empty("account-1")])).rejects.toMatchObject({ code: "wrong-expected-version", details: { actual: 1 } });
    expect(await store.write([empty("account-2")])).toEqual({ position: null, streams: [], repeated: false });
  });

  it("are decided with what a transaction holds besides, and commit it where they are met", async () => {
    const schema = temporarySchema(url);
    const store = await openedStore(url, { schema });
    await store.append("account-1", newEvents(1), { expectedVersion: "noStream" });
    const noting = (stream: string, note: string): Promise<unknown> =>
      store.transaction(async (client) => {
        await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.notes (note text)`);
        await client.query(`INSERT INTO ${schema}.notes VALUES ($1)`, [note]);
        return [empty(stream)];
      });
    await noting("account-2", "met");
    await expect(noting("account-1", "not met")).rejects.toMatchObject({ code: "wrong-expected-version" });
    let notes: unknown;
    await store.transaction(async (client) => {
      notes = (await client.query(`SELECT note FROM ${schema}.notes`)).rows;
      return [empty("account-2")];
    });
    expect(notes).toEqual([{ note: "met" }]);
  });
});
