import { position } from "@reactive-domain/core";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test } from "vitest";
import { openedStore } from "./opened-store.ts";

const TABLES = ["events", "streams", "snapshots", "checkpoints", "leases", "consumer_groups", "group_entries"];

describe.each(await postgresServers())("$name", ({ url }) => {
  /** A log that records under which setting each transaction changes it. */
  async function watchedLog(): Promise<{ readonly schema: string; seen(): Promise<unknown> }> {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema })).close();
    const triggers = TABLES.map(
      (table) =>
        `CREATE TRIGGER watch AFTER INSERT OR UPDATE OR DELETE ON ${schema}.${table} FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.watch();`,
    );
    await withClient(url, (client) =>
      client.query(`
        CREATE TABLE ${schema}.seen (name text, setting text);
        CREATE FUNCTION ${schema}.watch() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
          INSERT INTO ${schema}.seen VALUES (TG_TABLE_NAME, current_setting('synchronous_commit'));
          RETURN NULL;
        END $body$;
        ${triggers.join("")}`),
    );
    const seen = (): Promise<unknown> =>
      withClient(url, async (client) => {
        const rows = `SELECT name, string_agg(DISTINCT setting, ' ') AS setting FROM ${schema}.seen GROUP BY name ORDER BY name`;
        const found = (await client.query<{ readonly name: string; readonly setting: string }>(rows)).rows;
        return Object.fromEntries(found.map(({ name, setting }) => [name, setting]));
      });
    return { schema, seen };
  }

  test.each([
    ["off", "on"],
    ["on", "on"],
    ["local", "local"],
    ["remote_apply", "remote_apply"],
  ])(
    "where synchronous_commit is %s, all that is acknowledged is committed under %s, and the store says so",
    async (setting, effective) => {
      const { schema, seen } = await watchedLog();
      const store = await openedStore(`${url}?options=${encodeURIComponent(`-c synchronous_commit=${setting}`)}`, { schema });
      expect(store.durability).toMatch(
        new RegExp(`^PostgreSQL \\d+\\S*.*, fsync=on, synchronous_commit=${effective}, full_page_writes=on, wal_sync_method=\\w+$`),
      );

      await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
      await Promise.all(["account-2", "account-3"].map((stream) => store.append(stream, [newEvent()], { expectedVersion: "noStream" })));
      await store.groups.create("group", { source: { all: true } });
      const deliveries = await store.groups.claim("group", { consumer: "one", maxEvents: 2 });
      await store.groups.extend("group", deliveries, { leaseMs: 60_000 });
      await store.write([
        { kind: "snapshot", name: "account-1", version: 0, schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}" },
        { kind: "metadata", stream: "account-1", metadata: { maxCount: 1 } },
        {
          kind: "settle",
          group: "group",
          deliveries: deliveries.map(({ position: place, fence }) => ({ position: place, fence, outcome: "park" })),
        },
      ]);
      await store.groups.replayParked("group");
      await store.transaction(async () => [{ kind: "checkpoint", name: "reader", expected: null, position: position(0) }]);
      const lease = await store.leases.acquire("worker", { owner: "me", durationMs: 60_000 });
      if (lease !== undefined) await store.leases.release(await store.leases.renew(lease, { durationMs: 60_000 }));
      await store.append("account-1", [newEvent()], { expectedVersion: "any" });
      await store.scavenge();
      await store.groups.delete("group");
      expect(await seen()).toEqual(Object.fromEntries(TABLES.map((table) => [table, effective])));
    },
  );
});
