// The floor of consumer groups: a queue by hand in PostgreSQL. Each worker has a connection and takes one row at a time: it locks the first that nobody else has, handles it, deletes
// it and commits, durably. Nothing is tried again, parked, leased or kept in order by key.
//
// group-skip-locked.mjs URL SCHEMA EVENTS WORKERS prints { durability, events, ms, handled } as JSON.
import { connect, dropTable, readDurability } from "./store-postgres-table.mjs";

const [url = "", schema = "", events = "0", workers = "1"] = process.argv.slice(2);
const FILL = 10_000;

const clients = await Promise.all(Array.from({ length: Number(workers) }, () => connect(url)));
const [first] = clients;
if (first === undefined) throw new RangeError("A queue without a worker: give at least one.");
await dropTable(first, schema);
await first.query(
  `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.queue (id bigint PRIMARY KEY, data text NOT NULL, metadata text NOT NULL)`,
);
for (let from = 0; from < Number(events); from += FILL) {
  await first.query(
    `INSERT INTO ${schema}.queue SELECT id, json_build_object('accountId', lpad((id % 10000)::text, 6, '0'), 'amountCents', 500)::text,
      json_build_object('correlationId', gen_random_uuid(), 'timeMs', 1700000000000 + id)::text
      FROM generate_series($1::bigint, $2::bigint) id`,
    [from, Math.min(from + FILL, Number(events)) - 1],
  );
}
await first.query(`VACUUM ANALYZE ${schema}.queue`);

let handled = 0;
let cents = 0;

/** @param {import("pg").Client} client */
async function work(client) {
  const select = `SELECT id, data FROM ${schema}.queue ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1`;
  for (;;) {
    await client.query("BEGIN");
    const { rows } = await client.query({ name: "take", text: select });
    const [row] = rows;
    if (row === undefined) return client.query("ROLLBACK");
    cents += JSON.parse(row.data).amountCents;
    handled++;
    await client.query({ name: "done", text: `DELETE FROM ${schema}.queue WHERE id = $1`, values: [row.id] });
    await client.query("COMMIT");
  }
}

const startMs = performance.now();
await Promise.all(clients.map(work));
const ms = performance.now() - startMs;
const durability = await readDurability(first);
await dropTable(first, schema);
await Promise.all(clients.map((client) => client.end()));
process.stdout.write(`${JSON.stringify({ durability, events: Number(events), ms, handled, cents })}\n`);
