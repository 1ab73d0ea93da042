import pg from "pg";

/** A pool for a store, and how many statements its connections have sent: each is a round trip, since each waits for its answer. */
export function countingPool(url: string): { readonly pool: pg.Pool; readonly statements: () => number } {
  let count = 0;
  const pool = new pg.Pool({ connectionString: url });
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: readonly unknown[]) => {
        count++;
        return query(...args);
      },
    });
  });
  return { pool, statements: () => count };
}
