import { newSchema, postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import type { PoolClient } from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { adding, balances, documents, NAME, openedModels, Worker } from "./balance-tables.ts";

vi.setConfig({ testTimeout: 60_000 });

describe.each(await postgresServers())("the tables of a projection on $name", ({ url }) => {
  async function rowsOf(sql: string): Promise<readonly unknown[]> {
    return withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
  }

  test("have their plain names while they are live, with what belongs to them, and views over them show what is live", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema, tablePrefix: "bank_" });
    const { projections } = models;
    await projections.define(balances());
    await (await Worker.of(models)).commit({ work: adding("old", 1) });
    await rowsOf(`CREATE VIEW ${schema}.rich WITH (security_barrier) AS SELECT account FROM ${schema}.bank_balances WHERE balance > 0`);
    await projections.build(balances(2));
    await (await Worker.of(models, 2)).commit({ work: adding("new", 2) });
    const seen = async (): Promise<unknown> => [
      await rowsOf(`SELECT account FROM ${schema}.rich`),
      await rowsOf(`SELECT indexname FROM pg_indexes WHERE schemaname = '${schema}' AND tablename = 'bank_balances'`),
      await rowsOf(`SELECT reloptions FROM pg_class WHERE oid = '${schema}.rich'::regclass`),
    ];
    const showing = (account: string): unknown => [
      [{ account }],
      [{ indexname: "bank_balances_by_account" }],
      [{ reloptions: ["security_barrier=true"] }],
    ];
    expect(await seen()).toEqual(showing("old"));
    await projections.change(NAME, { kind: "swap", generation: 2, notBehind: true });
    expect(await seen()).toEqual(showing("new"));
    await projections.change(NAME, { kind: "swap", generation: 1, notBehind: true });
    expect(await seen()).toEqual(showing("old"));
    await rowsOf(`DROP VIEW ${schema}.rich`);
    expect(await projections.remove(NAME)).toBe(true);
    expect(await rowsOf(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename LIKE '%balances%'`)).toEqual([]);
  });

  test("are held against each other row by row, nothing being equal to nothing, and each as often as it is there", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema });
    await models.projections.define(balances());
    await models.projections.build(balances(2));
    const [one, other] = [await Worker.of(models), await Worker.of(models, 2)];
    for (const worker of [one, other]) await worker.commit({ work: adding("same", null) });
    for (let times = 0; times < 3; times++) await one.commit({ work: adding("often", 1) });
    await other.commit({ work: adding("often", 1) });
    await other.commit({ work: adding("often", null) });
    expect(await models.projections.compare(NAME, { one: 1, other: 2 })).toEqual({
      tables: [
        {
          table: "balances",
          rows: [4, 3],
          onlyOne: { count: 2, samples: Array.from({ length: 2 }, () => `{"account":"often","balance":1,"note":{"a": 1}}`) },
          onlyOther: { count: 1, samples: [`{"account":"often","balance":null,"note":{"a": 1}}`] },
        },
      ],
    });
  });

  test("become empty by a reset", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema });
    await models.projections.define(balances());
    await (await Worker.of(models)).commit({ work: adding("a", 1) });
    const record = await models.projections.change(NAME, { kind: "reset" });
    expect(record.generations[0]).toMatchObject({ lanes: [null], handled: 0 });
    expect(await rowsOf(`SELECT * FROM ${schema}.balances`)).toEqual([]);
  });

  test.each<readonly [what: string, create: (client: PoolClient, schema: string) => unknown]>([
    ["none of them", () => undefined],
    ["one of another name", (client, schema) => client.query(`CREATE TABLE ${schema}.others (x int)`)],
    ["one more", (client, schema) => client.query(`CREATE TABLE ${schema}.balances (x int); CREATE TABLE ${schema}.others (x int)`)],
    ["them in a transaction of its own", (client, schema) => client.query(`CREATE TABLE ${schema}.balances (x int); COMMIT; BEGIN`)],
  ])("are refused where its create makes %s", async (_what, create) => {
    const schema = temporarySchema(url);
    const { projections } = await openedModels(url, { schema });
    const shape = { kind: "tables", tables: ["balances"], create: (client: PoolClient) => create(client, schema) } as const;
    await expect(projections.define({ name: NAME, version: 1, shape })).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await projections.list()).toEqual([]);
  });

  test("are not made where their create fails, which is told as it is", async () => {
    const { projections } = await openedModels(url, { schema: temporarySchema(url) });
    const making = balances(1, "SELECT * FROM nowhere");
    await expect(projections.define(making)).rejects.toMatchObject({ code: "42P01", name: "error" });
    expect(await projections.list()).toEqual([]);
    await projections.define(balances());
  });

  test("are refused where something else has their names, or those that they are to have", async () => {
    const schema = temporarySchema(url);
    const { projections } = await openedModels(url, { schema });
    await projections.define(balances());
    await expect(projections.define({ ...balances(), name: "others" })).rejects.toMatchObject({ code: "foreign-store" });
    await expect(projections.define({ ...documents(), version: 1 })).rejects.toMatchObject({ code: "read-model-redefined" });
    await rowsOf(`CREATE TABLE ${schema}.fees (x int)`);
    const both = { kind: "tables", tables: ["balances", "fees"], create: () => undefined } as const;
    await expect(projections.build({ name: NAME, version: 2, shape: both })).rejects.toMatchObject({ code: "foreign-store" });
    expect((await projections.find(NAME))?.generations).toHaveLength(1);
  });

  test("are worked on by a role that may read and write them, which somebody else made", async () => {
    const schema = temporarySchema(url);
    await (await openedModels(url, { schema })).projections.define(balances());
    const role = newSchema();
    await rowsOf(`CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${schema} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`);
    onTestFinished(() => withClient(url, async (client) => void (await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))));
    const theirs = new URL(url);
    theirs.username = role;
    const models = await openedModels(theirs.href, { schema });
    await models.projections.define(balances());
    await (await Worker.of(models)).commit({ work: adding("a", 1) });
    await expect(models.projections.build(balances(2))).rejects.toMatchObject({ code: "42501" });
    await expect(models.projections.change(NAME, { kind: "reset" })).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
    expect((await models.projections.find(NAME))?.generations).toMatchObject([{ handled: 1 }]);
  });

  test("of several hands that define and build at the same time are made once", async () => {
    const schema = temporarySchema(url);
    const all = await Promise.all(Array.from({ length: 4 }, () => openedModels(url, { schema, maxConnections: 2 })));
    const records = await Promise.all(all.map(({ projections }) => projections.define(balances())));
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(1);
    const built = await Promise.all(all.map(({ projections }) => projections.build(balances(2))));
    expect(built.map(({ generations }) => generations.map(({ generation }) => generation))).toEqual(all.map(() => [1, 2]));
  });
});
