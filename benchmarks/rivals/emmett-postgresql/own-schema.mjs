import pg from "pg";

/**
 * Runs work with the address of a schema of its own, which is dropped afterwards, in whatever way the work ends.
 *
 * The store looks for its functions by name in all schemas of a database, so that a second one in the same database would stay without them.
 *
 * @template T
 * @param {string} url
 * @param {(schemaUrl: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inOwnSchema(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("SELECT pronamespace::regnamespace AS schema FROM pg_proc WHERE proname = 'emt_append_to_stream'");
    if (rows.length > 0)
      throw new Error(`The schema ${rows[0].schema} of this database holds the store's functions: drop it, or give another database.`);
    const schema = `rival_${process.pid}`;
    await client.query(`CREATE SCHEMA ${schema}`);
    try {
      return await work(inSchema(url, schema));
    } finally {
      await client.query("SET client_min_messages = warning");
      await client.query(`DROP SCHEMA ${schema} CASCADE`);
    }
  } finally {
    await client.end();
  }
}

/**
 * @param {string} url
 * @param {string} schema
 */
function inSchema(url, schema) {
  const address = new URL(url);
  const given = address.searchParams.get("options") ?? "";
  address.searchParams.set("options", `${given} -c search_path=${schema} -c synchronous_commit=on`.trim());
  return address.href;
}
