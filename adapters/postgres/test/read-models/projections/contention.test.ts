import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { accountViews, adding, balances, documents, NAME, openedModels, Worker, type Work } from "./balance-tables.ts";

vi.setConfig({ testTimeout: 60_000 });

const COMMITS = 40;

describe.each(await postgresServers())("projections of two pools on $name", ({ url }) => {
  test("are worked on by one at a time, and what one does that was taken over is not done", async () => {
    const schema = temporarySchema(url);
    const [one, other] = await Promise.all([openedModels(url, { schema }), openedModels(url, { schema })]);
    await one.projections.define(documents());
    const asked = await Promise.allSettled([one, other, one, other].map((models, nth) => Worker.of(models, 1, `worker ${nth}`)));
    const [winner] = asked.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await winner?.put("a", 1);
    await winner?.put("a", 2);
    const repository = await other.repository(accountViews);
    expect(await repository.get("a")).toMatchObject({ item: { balance: 2 } });
    const release = { projection: NAME, generation: 1, fence: winner?.granted.fence ?? 0 };
    expect(release.fence).toBeGreaterThan(0);
    expect(await other.projections.acquire({ projection: NAME, generation: 1, worker: "late", leaseMs: 1_000 })).toMatchObject({
      heldBy: /worker/,
    });
  });

  test("are taken over while a commit is under way, which ends first, and the next of it is fenced", async () => {
    const schema = temporarySchema(url);
    const [one, other] = await Promise.all([openedModels(url, { schema }), openedModels(url, { schema })]);
    await one.projections.define(balances());
    const slow = await Worker.of(one, 1, "slow", 1);
    const order: string[] = [];
    const commit = slow.commit({
      work: async (client, table) => {
        const next = Worker.of(other, 1, "next").then(() => order.push("taken"));
        await untilWaiting(url, schema);
        await adding("a", 1)(client, table);
        order.push("done");
        return { next };
      },
    });
    await commit;
    await expect.poll(() => order).toEqual(["done", "taken"]);
    await expect(slow.commit({ work: adding("b", 1) })).rejects.toMatchObject({ code: "fenced" });
    expect((await other.projections.find(NAME))?.generations[0]).toMatchObject({ worker: "next", lanes: [0] });
  });

  test("commit lane by lane, while others are in the middle of theirs", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema });
    await models.projections.define(balances());
    await models.projections.change(NAME, { kind: "lanes", generation: 1, lanes: 4 });
    const worker = await Worker.of(models);
    let inside = 0;
    const together =
      (account: string): Work =>
      async (client, table) => {
        inside++;
        await expect.poll(() => inside).toBe(4);
        await adding(account, 1)(client, table);
      };
    await Promise.all([0, 1, 2, 3].map((lane) => worker.commit({ work: together(`a-${lane}`) }, lane)));
    expect((await models.projections.find(NAME))?.generations[0]).toMatchObject({ lanes: [0, 0, 0, 0], handled: 4 });
  });

  test("go on without a failure while generations are swapped to and fro, and readers with kept plans see what is live", async () => {
    const schema = temporarySchema(url);
    const [one, other] = await Promise.all([
      openedModels(url, { schema, maxConnections: 4 }),
      openedModels(url, { schema, maxConnections: 4 }),
    ]);
    await one.projections.define(documents());
    await one.projections.build(documents(2));
    const workers = await Promise.all([Worker.of(one, 1, "one"), Worker.of(other, 2, "other")]);
    for (const worker of workers) await worker.put("a", worker.generation);
    const repository = await other.repository(accountViews);
    const failures: unknown[] = [];
    const over = new AbortController();
    const working = workers.map(async (worker) => {
      while (!over.signal.aborted) await worker.put("a", worker.generation).catch((error: unknown) => relearn(worker, error, failures));
    });
    const reading = Array.from({ length: 3 }, async () => {
      const seen = new Set<number>();
      while (!over.signal.aborted) seen.add((await repository.get("a"))?.item.balance ?? 0);
      return [...seen].toSorted((first, second) => first - second);
    });
    for (let nth = 0; nth < COMMITS; nth++) {
      const { revision } = await one.projections.change(NAME, { kind: "swap", generation: nth % 2 === 0 ? 2 : 1, notBehind: false });
      for (const worker of workers) worker.revision = revision;
      expect((await repository.get("a"))?.item.balance).toBe(nth % 2 === 0 ? 2 : 1);
      expect((await repository.query({ filter: { balance: { gt: 0 } }, page: { total: true } })).total).toBe(1);
    }
    over.abort();
    await Promise.all(working);
    expect(await Promise.all(reading)).toEqual(reading.map(() => [1, 2]));
    expect(failures).toEqual([]);
  });

  test("are changed when whoever reads their tables has ended, and others read meanwhile", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema, maxConnections: 4 });
    await models.projections.define(documents());
    await models.projections.build(documents(2));
    const repository = await models.repository(accountViews);
    await withClient(url, async (client) => {
      await client.query(`BEGIN; SELECT * FROM ${schema}.account_views_v1`);
      const swap = models.projections.change(NAME, { kind: "swap", generation: 2, notBehind: true });
      for (let nth = 0; nth < 20; nth++) expect(await repository.get("a")).toBeUndefined();
      await client.query("COMMIT");
      expect((await swap).generations.find(({ status }) => status === "live")).toMatchObject({ generation: 2 });
    });
  });

  test("are not changed where somebody reads their tables for too long, and that is told", async () => {
    const schema = temporarySchema(url);
    const models = await openedModels(url, { schema, answerTimeoutMs: 300 });
    await models.projections.define(balances());
    await withClient(url, async (client) => {
      await client.query(`BEGIN; SELECT * FROM ${schema}.balances`);
      await expect(models.projections.change(NAME, { kind: "reset" })).rejects.toMatchObject({
        code: "store-unavailable",
        retryable: true,
      });
      await client.query("COMMIT");
    });
    expect(await models.projections.change(NAME, { kind: "reset" })).toMatchObject({ revision: 2 });
  });
});

/** A worker hears of a swap by `projection-changed`, and nothing else. */
function relearn(worker: Worker, error: unknown, failures: unknown[]): void {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code !== "projection-changed") failures.push(`${worker.generation}: ${message}`);
}

/** Resolves when a session waits for the row of a lane. */
async function untilWaiting(url: string, schema: string): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%projection_lanes%'`;
  await withClient(url, async (client) => {
    const count = async (): Promise<number> => (await client.query(waiting)).rows.length;
    await expect.poll(count, { interval: 5, timeout: 8_000 }).toBeGreaterThan(0);
  });
}
