import { position } from "@reactive-domain/core";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { adding, balances, documents, NAME, openedModels, Worker, type PostgresModels, type Work } from "./balance-tables.ts";

vi.setConfig({ testTimeout: 60_000 });

const PARKED = { position: position(0), key: "k", state: "parked", attempts: 1, error: "no", size: 1 } as const;

describe.each(await postgresServers())("SQL of a projection's own on $name", ({ url }) => {
  async function working(
    schema = temporarySchema(url),
  ): Promise<{ readonly models: PostgresModels; readonly worker: Worker; readonly schema: string }> {
    const models = await openedModels(url, { schema, maxConnections: 2 });
    await models.projections.define(balances());
    return { models, worker: await Worker.of(models), schema };
  }

  async function accounts(schema: string): Promise<readonly unknown[]> {
    const { rows } = await withClient(url, (client) =>
      client.query<{ readonly account: string }>(`SELECT account FROM ${schema}.balances`),
    );
    return rows.map(({ account }) => account);
  }

  test("commits with the checkpoint and the entries beside it, or none of it does", async () => {
    const { models, worker, schema } = await working();
    await worker.commit({ work: adding("a", 1), entries: [PARKED] });
    const own = new TypeError("own");
    const failing = worker.commit({
      work: async (client, table) => {
        await adding("b", 1)(client, table);
        throw own;
      },
    });
    await expect(failing).rejects.toBe(own);
    await worker.commit({ work: adding("c", 1) });
    expect(await accounts(schema)).toEqual(["a", "c"]);
    expect((await models.projections.find(NAME))?.generations[0]).toMatchObject({ lanes: [1], handled: 2, entries: { parked: 1 } });
  });

  test.each<readonly [what: string, work: Work]>([
    ["ends the transaction", (client) => client.query("COMMIT")],
    ["undoes the transaction", (client) => client.query("ROLLBACK")],
    ["begins another transaction", (client) => client.query("ROLLBACK; BEGIN")],
    ["keeps a failure to itself", (client) => client.query("SELECT 1 / 0").catch(() => undefined)],
  ])("that %s is found and told", async (_what, work) => {
    const { models, schema } = await working();
    for (const entries of [[], [PARKED]])
      await expect((await Worker.of(models)).commit({ work, entries })).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await accounts(schema)).toEqual([]);
  });

  test("that keeps a failure to itself behind a savepoint is done", async () => {
    const { worker, schema } = await working();
    await worker.commit({
      work: async (client, table) => {
        await adding("a", 1)(client, table);
        await client.query("SAVEPOINT here");
        await client.query("SELECT 1 / 0").catch(() => undefined);
        await client.query("ROLLBACK TO here");
      },
    });
    expect(await accounts(schema)).toEqual(["a"]);
  });

  test("is not for a projection of documents, and documents are not for one of tables", async () => {
    const models = await openedModels(url, { schema: temporarySchema(url) });
    await models.projections.define(documents());
    const worker = await Worker.of(models);
    await expect(worker.commit({ work: adding("a", 1) })).rejects.toMatchObject({ code: "invalid-argument" });
    const { worker: other } = await working();
    await expect(other.put("a", 1)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("does not run where the commit is refused, and what a worker that was held up does is not done", async () => {
    const { models, worker, schema } = await working();
    await models.projections.release({ projection: NAME, generation: 1, fence: worker.granted.fence });
    const held = await Worker.of(models, 1, "held", 1);
    await expect.poll(() => Worker.of(models, 1, "next").catch(() => undefined)).toBeDefined();
    const work = vi.fn<Work>(async () => undefined);
    await expect(held.commit({ work })).rejects.toMatchObject({ code: "fenced" });
    expect(work).not.toHaveBeenCalled();
    expect(await accounts(schema)).toEqual([]);
  });

  test("that idles in its transaction for too long locks nobody out", async () => {
    const { schema } = await working();
    const impatient = await openedModels(url, { schema, answerTimeoutMs: 500 });
    const worker = await Worker.of(impatient);
    const commit = worker.commit({
      work: async (client, table) => {
        await adding("a", 1)(client, table);
        await new Promise<void>((resolve) => void client.once("end", resolve));
        await adding("b", 1)(client, table);
      },
    });
    await expect(commit).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    await (await Worker.of(impatient)).commit({ work: adding("c", 1) });
    expect(await accounts(schema)).toEqual(["c"]);
  });

  test("is flushed to the disk whatever the server would do, as documents are", async () => {
    const schema = temporarySchema(url);
    const pool = new pg.Pool({ connectionString: url, options: "-c synchronous_commit=off" });
    onTestFinished(() => pool.end());
    const models = await openedModels(pool, { schema });
    await models.projections.define(balances());
    await pool.query(`CREATE TABLE ${schema}.seen (setting text);
      CREATE FUNCTION ${schema}.watch() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
        INSERT INTO ${schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $body$;
      CREATE CONSTRAINT TRIGGER watch AFTER UPDATE ON ${schema}.projection_lanes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.watch()`);
    const worker = await Worker.of(models);
    await worker.commit({ work: adding("a", 1) });
    await worker.commit();
    await models.projections.change(NAME, { kind: "pause", until: null });
    const { rows } = await pool.query<{ readonly setting: string }>(`SELECT setting FROM ${schema}.seen`);
    expect(rows.map(({ setting }) => setting)).toEqual(["on", "on", "on", "on"]);
  });
});
