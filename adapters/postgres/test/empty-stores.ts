import { openPostgresStore } from "@reactive-domain/postgres";
import { dropSchema, newSchema } from "@reactive-domain/test-servers";
import type { StoreFactory } from "@reactive-domain/testing/conformance";
import pg from "pg";
import { afterAll } from "vitest";

const TABLES = ["events", "streams", "snapshots", "checkpoints", "leases", "group_entries", "consumer_groups"];

/** Opens empty stores for the tests of a file. A schema whose store was closed is emptied and used again: making one takes longer than most tests. */
export function emptyStores(url: string): StoreFactory {
  const pool = new pg.Pool({ connectionString: url, max: 30 });
  const free: string[] = [];
  const made: string[] = [];
  afterAll(async () => {
    await pool.end();
    for (const schema of made) await dropSchema(url, schema);
  });
  return async () => {
    const known = free.pop();
    const schema = known ?? newSchema();
    if (known === undefined) made.push(schema);
    else await empty(pool, schema);
    const store = await openPostgresStore(pool, { schema });
    return Object.assign(
      store,
      onceClosed(store.close.bind(store), () => free.push(schema)),
    );
  };
}

function onceClosed(close: () => Promise<void>, done: () => void): { close(): Promise<void>; [Symbol.asyncDispose](): Promise<void> } {
  let closing: Promise<void> | undefined;
  const closed = async (): Promise<void> => {
    await close();
    done();
  };
  const closeOnce = (): Promise<void> => (closing ??= closed());
  return { close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}

async function empty(pool: pg.Pool, schema: string): Promise<void> {
  const truncate = `TRUNCATE ${TABLES.map((table) => `${schema}.${table}`).join()} RESTART IDENTITY`;
  const log = `UPDATE ${schema}.log SET epoch = gen_random_uuid()::text, head_position = -1, head_time = 0, copy = NULL`;
  await pool.query([truncate, log, `ALTER SEQUENCE ${schema}.fences RESTART`].join(";"));
}
