import { openPostgresStore } from "@reactive-domain/postgres";
import { fillStore } from "@reactive-domain/store-tests";
import { temporarySchema, withClient } from "@reactive-domain/test-servers";

/** A closed store with something of everything. Returns its schema. */
export async function filledStore(url: string): Promise<string> {
  const schema = temporarySchema(url);
  await using store = await openPostgresStore(url, { schema });
  await fillStore(store);
  return schema;
}

/** Fills a store by plain SQL, which is fast: `count` small events, 100 to a stream. Returns its schema. */
export async function largeStore(url: string, count: number): Promise<string> {
  const schema = temporarySchema(url);
  await (await openPostgresStore(url, { schema })).close();
  await runIn(
    url,
    schema,
    "INSERT INTO events (position, version, time, schema_version, id, stream, category, type, metadata, data) " +
      `SELECT n, n % 100, 1700000000000, 1, gen_random_uuid(), 'large-' || n / 100, 'large', 'Grown', '{}', '{}' FROM generate_series(0, ${count - 1}) n; ANALYZE events`,
  );
  return schema;
}

/** Runs statements with the schema of a store as the search path. */
export async function runIn(url: string, schema: string, sql: string): Promise<void> {
  await withClient(url, (client) => client.query(`SET search_path TO ${schema}; ${sql}`));
}
