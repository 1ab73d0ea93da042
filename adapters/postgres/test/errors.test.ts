import { randomBytes } from "node:crypto";
import { openPostgresStore, type PostgresStoreOptions } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { expectError, foreign, SECRET, unavailable } from "./expect-error.ts";
import { openedStore } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

describe.each(await postgresServers())("$name", ({ url }) => {
  const sql = <Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> =>
    withClient(url, async (client) => (await client.query<Row>(text)).rows);

  /** The URL with a setting of the session. */
  const withSetting = (setting: string, value: string | number): string =>
    `${url}?options=${encodeURIComponent(`-c ${setting}=${String(value).replaceAll(" ", "\\ ")}`)}`;

  /** The URL of a role of its own, which is dropped when the test has finished. */
  async function asRole(schema: string, ...grants: readonly string[]): Promise<string> {
    const role = `r_${randomBytes(8).toString("hex")}`;
    await sql(`CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'; ${grants.map((grant) => `GRANT ${grant} TO ${role};`).join(" ")}`);
    onTestFinished(async () => {
      await sql(`DROP SCHEMA IF EXISTS ${schema} CASCADE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
    const asked = new URL(url);
    asked.username = role;
    asked.password = SECRET;
    return asked.href;
  }

  /** What is in a schema, by name. */
  const namesIn = async (schema: string): Promise<readonly string[]> =>
    (
      await sql<{ readonly name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace('${schema}') UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace('${schema}')`,
      )
    ).map(({ name }) => name);

  const append = async (where: string | pg.Pool, options: PostgresStoreOptions): Promise<unknown> => {
    await using store = await openPostgresStore(where, options);
    return await store.append("account-1", [newEvent()], { expectedVersion: "any" });
  };

  const countIn = async (schema: string): Promise<number> => (await collect(await openedStore(url, { schema }), { all: true })).length;

  test("a database that does not exist", async () => {
    const where = url.replace(/\/[^/]*$/, "/nowhere").replace("//postgres@", `//postgres:${encodeURIComponent(SECRET)}@`);
    await expectError(
      openPostgresStore(where),
      unavailable(/in nowhere at 127\.0\.0\.1:\d+ cannot be opened: there is no such database/, false),
    );
  });

  test("a role that may not make the schema", async () => {
    const schema = temporarySchema(url);
    await expectError(openPostgresStore(await asRole(schema), { schema }), unavailable(/the user lacks a right; grant it/, false));
    expect(await namesIn(schema)).toEqual([]);
  });

  test("a role that may read and not write", async () => {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema })).close();
    const where = await asRole(schema, `USAGE ON SCHEMA ${schema}`, `SELECT ON ALL TABLES IN SCHEMA ${schema}`);
    const store = await openedStore(where, { schema });
    await expectError(store.append("account-1", [newEvent()], { expectedVersion: "any" }), unavailable(/the user lacks a right/, false));
    await expectError(store.groups.create("group", { source: { all: true } }), unavailable(/the user lacks a right/, false));
    expect(await collect(store, { all: true })).toEqual([]);
  });

  test("a role that may read and write, and make nothing, has a whole store", async () => {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema })).close();
    const where = await asRole(
      schema,
      `USAGE ON SCHEMA ${schema}`,
      `SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema}`,
      `USAGE ON ALL SEQUENCES IN SCHEMA ${schema}`,
    );
    await append(where, { schema });
    const store = await openedStore(where, { schema });
    await store.groups.create("group", { source: { all: true } });
    const [delivery] = await store.groups.claim("group", { consumer: "one" });
    expect(delivery).toMatchObject({ position: 0 });
    expect(await store.leases.acquire("worker", { owner: "me", durationMs: 1_000 })).toMatchObject({ fence: 1 });
  });

  test("a store of a newer program", async () => {
    const schema = temporarySchema(url);
    await append(url, { schema });
    await sql(`INSERT INTO ${schema}.migrations (version) VALUES (999)`);
    await expectError(openPostgresStore(url, { schema }), foreign(/has schema version 999, and this program knows none above \d+/));
    await sql(`DELETE FROM ${schema}.migrations WHERE version = 999`);
    expect(await countIn(schema)).toBe(1);
  });

  test("a store that was not made, where none may be", async () => {
    const schema = temporarySchema(url);
    await expectError(openPostgresStore(url, { schema, autoMigrate: false }), foreign(/was not made yet/));
    expect(await namesIn(schema)).toEqual([]);
  });

  test.each([
    ["a table", "CREATE TABLE x.events (number int)", ["events"]],
    ["a function", "CREATE FUNCTION x.guard() RETURNS void LANGUAGE sql AS ''", ["guard"]],
    ["a table of migrations", "CREATE TABLE x.migrations (id int, name text)", ["migrations"]],
    [
      "a table of migrations by name",
      "CREATE TABLE x.migrations (version text); INSERT INTO x.migrations VALUES ('first')",
      ["migrations"],
    ],
  ])("%s of something else, which has the name of one of the store's", async (_name, making, names) => {
    const schema = temporarySchema(url);
    await sql(`CREATE SCHEMA ${schema}; ${making.replaceAll("x.", `${schema}.`)}`);
    await expectError(openPostgresStore(url, { schema }), foreign(/something (of that name is there already|else has)/));
    expect(await namesIn(schema)).toEqual(names);
  });

  test("a server that is set to read only", async () => {
    const schema = temporarySchema(url);
    await append(url, { schema });
    const store = await openedStore(withSetting("default_transaction_read_only", "on"), { schema });
    await expectError(
      store.append("account-1", [newEvent()], { expectedVersion: "any" }),
      unavailable(/cannot be written: the server is a standby, or set to read only/, true),
    );
    expect(await collect(store, { all: true })).toHaveLength(1);
  });

  test.each(["serializable", "repeatable read"])("a default isolation of %s, at the opening and later", async (isolation) => {
    const schema = temporarySchema(url);
    const where = withSetting("default_transaction_isolation", isolation);
    await expectError(
      openPostgresStore(where, { schema }),
      unavailable(/as its default_transaction_isolation; set it to read committed/, false),
    );
    expect(await namesIn(schema)).toEqual([]);
    const pool = new pg.Pool({ connectionString: url });
    onTestFinished(() => pool.end());
    const store = await openedStore(pool, { schema, listen: false });
    pool.on("acquire", (client) => void client.query(`SET default_transaction_isolation = '${isolation}'`));
    await expectError(
      store.append("account-1", [newEvent()], { expectedVersion: "any" }),
      unavailable(/where read committed is needed/, false),
    );
    expect(await countIn(schema)).toBe(0);
  });

  test("a lock that is not to be had in the time that the server gives", async () => {
    const schema = temporarySchema(url);
    await append(url, { schema });
    const store = await openedStore(withSetting("lock_timeout", 50), { schema });
    await withClient(url, async (client) => {
      await client.query(`BEGIN; LOCK TABLE ${schema}.events IN EXCLUSIVE MODE`);
      await expectError(
        store.append("account-1", [newEvent()], { expectedVersion: "any" }),
        unavailable(/waited too long for a lock/, true),
      );
    });
    await store.append("account-1", [newEvent()], { expectedVersion: "any" });
    expect(await countIn(schema)).toBe(2);
  });

  test("a server that has no connection left", async () => {
    const schema = temporarySchema(url);
    const where = await asRole(schema, `CREATE ON DATABASE ${new URL(url).pathname.slice(1)}`);
    const role = new URL(where).username;
    await sql(`ALTER ROLE ${role} CONNECTION LIMIT 1 NOSUPERUSER`);
    await withClient(where, async () => {
      await expectError(openPostgresStore(where, { schema }), unavailable(/the server has no connection left/, true));
    });
    expect(await namesIn(schema)).toEqual([]);
  });

  test("a pool whose connections are all in use, and one that was ended", async () => {
    const schema = temporarySchema(url);
    const pool = new pg.Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 1_000 });
    const store = await openedStore(pool, { schema, listen: false, retryForMs: 0 });
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    await expectError(store.append("account-1", [newEvent()], { expectedVersion: "any" }), unavailable(/no connection of the pool/, true));
    for (const client of clients) client.release();
    await store.append("account-1", [newEvent()], { expectedVersion: "any" });
    await pool.end();
    await expectError(collect(store, { all: true }), unavailable(/its pool was ended/, false));
    await expectError(openPostgresStore(pool, { schema }), unavailable(/its pool was ended/, false));
    expect(await countIn(schema)).toBe(1);
  });
});
