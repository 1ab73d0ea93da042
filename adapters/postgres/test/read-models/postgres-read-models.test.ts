import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels, type ReadModels, WrongItemVersion } from "@reactive-domain/persistence";
import { openPostgresReadModels, openPostgresStore, type PostgresReadModelOptions } from "@reactive-domain/postgres";
import { counters } from "@reactive-domain/store-tests";
import { expectCounted, startChild } from "@reactive-domain/store-tests/vitest";
import { newSchema, postgresServers, startProxy, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { storePlace } from "../processes/store-place.ts";

vi.setConfig({ testTimeout: 60_000 });

const accounts = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", balance: "number", isOpen: "boolean" } }),
});

async function opened(where: string | pg.Pool, options: PostgresReadModelOptions): Promise<ReadModels> {
  const models = await openPostgresReadModels(where, options);
  onTestFinished(() => models.close());
  return models;
}

function pooled(options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(options);
  onTestFinished(() => pool.end());
  return pool;
}

describe.each(await postgresServers())("read models on $name", ({ url }) => {
  test("are in tables of a schema, beside an event store if need be, and plain SQL reads them", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    const models = await opened(url, { schema, tablePrefix: "bank_" });
    expect(models.durability).toMatch(/^PostgreSQL .*fsync=/);
    const repository = await models.repository(accounts);
    await repository.put({ accountId: "a-1", balance: 5, isOpen: true, tags: ["x"] });
    const rows = await withClient(url, (client) =>
      client.query(`SELECT balance, "isOpen", _item -> 'tags' ->> 0 AS tag, _item::text AS text FROM ${schema}.bank_account_views_v1`),
    );
    expect(rows.rows).toEqual([{ balance: 5, isOpen: true, tag: "x", text: '{"accountId":"a-1","balance":5,"isOpen":true,"tags":["x"]}' }]);
    expect(store.durability).toBe(models.durability);
  });

  test("of two pools are the same, and of writers at the same version one wins", async () => {
    const schema = temporarySchema(url);
    const [one, other] = await Promise.all([opened(url, { schema }), opened(url, { schema })]);
    const both = await Promise.all([one, other].map((models) => models.repository(accounts)));
    const puts = both.flatMap((each) =>
      Array.from({ length: 10 }, (_, nth) => each.put({ accountId: "a-1", balance: nth }, { expectedVersion: "none" })),
    );
    const settled = await Promise.allSettled(puts);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(settled.every((outcome) => outcome.status === "fulfilled" || outcome.reason instanceof WrongItemVersion)).toBe(true);
    const kept = await Promise.all(both.map((repository) => repository.get("a-1")));
    expect(kept[0]).toEqual(kept[1]);
  });

  test("of several processes lose nothing, also of one that is killed", async () => {
    const place = storePlace(url);
    const putter = (name: string, count: number): ReturnType<typeof startChild> =>
      startChild(new URL("child-putter.ts", import.meta.url), place, name, count);
    const children = ["red", "green"].map((name) => putter(name, 60));
    const killed = putter("killed", 1_000_000);
    await killed.until(40);
    killed.process.kill("SIGKILL");
    expect(await killed.ended).toBe("SIGKILL");
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0]);
    const models = await opened(place, {});
    await expectCounted(models, [...children, killed]);
    const total = (await (await models.repository(counters)).query({ page: { size: 1, total: true } })).total ?? 0;
    expect(total).toBeGreaterThan(120);
  });

  test("through a pool of the caller's leave it open, and their commits wait for the disk whatever it says", async () => {
    const schema = temporarySchema(url);
    const pool = pooled({ connectionString: url, max: 1, options: "-c synchronous_commit=off" });
    const models = await openPostgresReadModels(pool, { schema });
    const repository = await models.repository(accounts);
    await withClient(url, (client) =>
      client.query(`CREATE TABLE ${schema}.seen (setting text);
        CREATE FUNCTION ${schema}.watch() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
          INSERT INTO ${schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $body$;
        CREATE CONSTRAINT TRIGGER watch AFTER INSERT OR UPDATE OR DELETE ON ${schema}.account_views_v1
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.watch()`),
    );
    const { version } = await repository.put({ accountId: "a-1" }, { expectedVersion: "none" });
    await repository.put({ accountId: "a-1" });
    const last = await repository.put({ accountId: "a-1" });
    expect(last.version).toBeGreaterThan(version);
    await repository.put({ accountId: "a-1" }, { expectedVersion: last.version });
    await repository.delete("a-1");
    const { rows } = await pool.query<{ readonly setting: string }>(`SELECT setting FROM ${schema}.seen`);
    expect(rows.map(({ setting }) => setting)).toEqual(["on", "on", "on", "on", "on"]);
    await models.close();
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("whose names are long are kept apart", async () => {
    const schema = temporarySchema(url);
    const models = await opened(url, { schema, tablePrefix: "a".repeat(31) });
    const { listing } = accounts;
    const names = ["b".repeat(39), `${"b".repeat(39)}c`];
    const [one, other] = await Promise.all(
      names.map((name) => models.repository(defineReadModels(name, { listing, indexes: [["balance"], ["isOpen"]] }))),
    );
    await one?.put({ accountId: "a-1" });
    expect(await one?.get("a-1")).toBeDefined();
    expect(await other?.get("a-1")).toBeUndefined();
  });

  test("are used by a role that may read and write the tables, which somebody else made", async () => {
    const schema = temporarySchema(url);
    await (await opened(url, { schema })).repository(accounts);
    const role = newSchema();
    await withClient(url, (client) =>
      client.query(`CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${schema} TO ${role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`),
    );
    onTestFinished(() => withClient(url, async (client) => void (await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))));
    const theirs = new URL(url);
    theirs.username = role;
    const models = await opened(theirs.href, { schema });
    const repository = await models.repository(accounts);
    await repository.put({ accountId: "a-1" });
    expect(await repository.delete("a-1")).toBe(true);
    const missing = models.repository(defineReadModels("others", { listing: accounts.listing }));
    await expect(missing).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
  });

  test("are refused where something else has their names", async () => {
    const schema = temporarySchema(url);
    await withClient(url, (client) => client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.account_views_v1 (x int)`));
    const models = await opened(url, { schema });
    await expect(models.repository(accounts)).rejects.toMatchObject({ code: "foreign-store" });
    await withClient(url, (client) => client.query(`CREATE TABLE ${schema}.read_models (x int)`));
    await expect(models.repository(accounts)).rejects.toMatchObject({ code: "foreign-store" });
  });

  test("go on when the server is back: reads wait for it, a change says that it may be made again", async () => {
    const schema = temporarySchema(url);
    const proxy = await startProxy(url);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const models = await opened(proxy.url, { schema });
    const repository = await models.repository(accounts);
    await repository.put({ accountId: "a-1" });
    proxy.cut();
    expect(await repository.get("a-1")).toBeDefined();
    expect((await repository.query({})).items).toHaveLength(1);
  });

  test("that were discarded say so, and a call ends with its signal while it waits for a connection", async () => {
    const schema = temporarySchema(url);
    const pool = pooled({ connectionString: url, max: 1 });
    const models = await opened(pool, { schema });
    const repository = await models.repository(accounts);
    const client = await pool.connect();
    const controller = new AbortController();
    const waiting = repository.put({ accountId: "a-1" }, { signal: controller.signal });
    const reason = new Error("given up");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    client.release();
    await models.discard("account-views", 1);
    await expect(repository.get("a-1")).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
  });

  test.each([{ schem: "x" }, { schema: "x y" }, { maxConnections: 0 }, { prepare: "no" }, { retryForMs: -1 }, null])(
    "are not opened with the options %o",
    async (options) => {
      await expect(openPostgresReadModels(url, options as object)).rejects.toMatchObject({ code: "invalid-argument" });
    },
  );
});
