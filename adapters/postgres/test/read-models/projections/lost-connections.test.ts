import { position } from "@reactive-domain/core";
import { postgresServers, startProxy, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { adding, balances, documents, NAME, openedModels, Worker, type PostgresModels } from "./balance-tables.ts";

vi.setConfig({ testTimeout: 60_000 });

type Proxy = Awaited<ReturnType<typeof startProxy>>;

const KINDS = [
  { what: "documents", making: documents(), step: (worker: Worker, nth: number) => worker.put(`a-${nth}`, nth), table: "account_views_v1" },
  {
    what: "SQL of its own",
    making: balances(),
    step: (worker: Worker, nth: number) => worker.commit({ work: adding(`a-${nth}`, nth) }),
    table: "balances",
  },
] as const;

describe.each(await postgresServers())("a commit whose connection is lost on $name", ({ url }) => {
  async function proxied(): Promise<Proxy> {
    const proxy = await startProxy(url);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    return proxy;
  }

  test.each(KINDS)(
    "with $what is done or not, as a whole, and the record tells which; what was done is refused when it is made again",
    async ({ making, step, table }) => {
      const schema = temporarySchema(url);
      const proxy = await proxied();
      const [near, models] = [await openedModels(url, { schema }), await openedModels(proxy.url, { schema, maxConnections: 1 })];
      await near.projections.define(making);
      const outcomes = { done: 0, undone: 0 };
      for (let place = 1, reached = true; reached; place++) {
        const worker = await Worker.of(models);
        await step(worker, 0).catch(() => undefined);
        await step(worker, 0).catch(() => undefined);
        const before = await placeOf(near);
        const cut = proxy.cutAt(place);
        const outcome = await codeOf(step(worker, place));
        reached = cut.reached;
        cut.remove();
        expect(outcome).toBe(reached ? "store-unavailable, retryable" : "done");
        const isDone = (await placeOf(near)) !== before;
        expect(await rowsOf(schema, table, place)).toBe(isDone ? 1 : 0);
        outcomes[isDone ? "done" : "undone"]++;
        // A worker that was told that it is done goes on from there.
        expect(await codeOf(step(worker, place))).toBe(isDone && reached ? "wrong-checkpoint" : "done");
      }
      expect(outcomes.done).toBeGreaterThan(1);
      expect(outcomes.undone).toBeGreaterThan(1);
    },
  );

  async function rowsOf(schema: string, table: string, nth: number): Promise<number> {
    const column = table === "balances" ? "account" : `"accountId"`;
    const { rows } = await withClient(url, (client) => client.query(`SELECT 1 FROM ${schema}.${table} WHERE ${column} = 'a-${nth}'`));
    return rows.length;
  }

  test("to a silent server is given up in time, and so are questions", async () => {
    const schema = temporarySchema(url);
    const proxy = await proxied();
    const models = await openedModels(proxy.url, { schema, answerTimeoutMs: 300, maxConnections: 2 });
    await models.projections.define(documents());
    const worker = await Worker.of(models);
    await worker.put("a", 1);
    proxy.silence();
    await expect(worker.put("b", 1)).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    expect(await models.projections.entries({ projection: NAME, generation: 1 })).toEqual([]);
    proxy.silence();
    expect((await models.projections.find(NAME))?.generations[0]).toMatchObject({ worker: "ann" });
  });

  test("with SQL of its own that is in the middle is undone, and the next who asks has it", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema });
    await models.projections.define(balances());
    const worker = await Worker.of(models, 1, "ann", 1);
    const commit = worker.commit({
      work: async (client, table) => {
        await adding("a", 1)(client, table);
        const { rows } = await client.query<{ readonly pid: number }>("SELECT pg_backend_pid() AS pid");
        await withClient(url, (other) => other.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]));
        await adding("b", 1)(client, table);
      },
    });
    await expect(commit).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    const next = await Worker.of(models, 1, "next");
    expect(next.granted.wasAbandoned).toBe(true);
    await next.commit({ work: adding("c", 1) });
    expect((await models.projections.find(NAME))?.generations[0]?.lanes).toEqual([position(0)]);
  });
});

async function codeOf(call: Promise<void>): Promise<string> {
  return call.then(
    () => "done",
    ({ code, retryable }: { readonly code: string; readonly retryable: boolean }) =>
      code === "store-unavailable" && retryable ? `${code}, retryable` : code,
  );
}

async function placeOf(models: PostgresModels): Promise<number | null> {
  return (await models.projections.find(NAME))?.generations[0]?.lanes[0] ?? null;
}
