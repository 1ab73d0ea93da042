import { describe, expect, test } from "vitest";
import { dropSchema, newSchema, postgresServers, temporarySchema, withClient } from "../src/postgres-servers.ts";

const servers = await postgresServers();

test("the first server is PostgreSQL 18, and keeps what it acknowledges", async () => {
  expect(servers[0]?.name).toBe("PostgreSQL 18 (embedded)");
  const names = ["fsync", "full_page_writes", "synchronous_commit", "max_connections"];
  const settings = await withClient(servers[0]?.url ?? "", (client) =>
    client.query<{ setting: string }>("SELECT setting FROM pg_settings WHERE name = ANY($1) ORDER BY name", [names]),
  );
  expect(settings.rows.map(({ setting }) => setting)).toEqual(["on", "on", "200", "on"]);
});

test("everybody in a test run is given the same servers", async () => {
  expect(await postgresServers()).toEqual(servers);
});

describe.each(servers)("$name", ({ url }) => {
  const count = (schema: string): Promise<number> =>
    withClient(url, async (client) => (await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema])).rows.length);

  test("a schema is dropped with all that is in it, and may be missing", async () => {
    const schema = newSchema();
    await withClient(url, (client) => client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.events ()`));
    expect(await count(schema)).toBe(1);
    await dropSchema(url, schema);
    expect(await count(schema)).toBe(0);
    await dropSchema(url, schema);
  });

  test("two schemas never have the same name", () => {
    expect(temporarySchema(url)).not.toBe(temporarySchema(url));
  });
});
