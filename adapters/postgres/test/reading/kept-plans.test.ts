import { newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { openedStore } from "../opened-store.ts";

const STREAMS = 40;
const ROUNDS = 48;
/** How often a server plans anew before it makes a plan for all values, on each connection. */
const FIRST_PLANS = 5;

interface Plans {
  readonly generic: number;
  readonly custom: number;
}

describe.each(await postgresServers())("$name", ({ url }) => {
  test.each([1, 3, 8, 32])("reads of %i callers use a plan that is kept, since planning takes longer than reading", async (callers) => {
    const schema = temporarySchema(url);
    const clients = new Set<pg.PoolClient>();
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    pool.on("connect", (client) => clients.add(client));
    onTestFinished(() => pool.end());
    const store = await openedStore(pool, { schema });
    const streams = Array.from({ length: STREAMS }, (_, index) => `account-${index}`);
    await Promise.all(streams.map((stream) => store.append(stream, newEvents(10), { expectedVersion: "noStream" })));
    await pool.query(`VACUUM ANALYZE ${schema}.events`);
    const read = async (stream: string): Promise<number> => {
      let count = 0;
      for await (const { events } of store.read({ stream }).batches()) count += events.length;
      return count;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const counts = await Promise.all(streams.slice(0, callers).map((stream) => read(stream)));
      expect(counts).toEqual(counts.map(() => 10));
    }
    const plans = await Promise.all([...clients].map((client) => plansOf(client, schema)));
    const sum = (of: keyof Plans): number => plans.reduce((total, one) => total + one[of], 0);
    expect(sum("custom")).toBeLessThanOrEqual(2 * FIRST_PLANS * clients.size);
    expect(sum("generic")).toBeGreaterThan(ROUNDS / 4);
  });
});

/** How the reads of streams in a schema were planned on a connection. */
async function plansOf(client: pg.PoolClient, schema: string): Promise<Plans> {
  const { rows } = await client.query<Plans>(
    `SELECT coalesce(sum(generic_plans), 0)::int AS generic, coalesce(sum(custom_plans), 0)::int AS custom
       FROM pg_prepared_statements WHERE statement LIKE $1`,
    [`WITH a AS MATERIALIZED%${schema}%`],
  );
  return rows[0] as Plans;
}
