import { openReadFloor } from "../../../floors/store-postgres-read.mjs";
import { connect, createTable, dropTable } from "../../../floors/store-postgres-table.mjs";
import { timed, type Work } from "../../measure.ts";
import { FACTS } from "../new-appends.ts";
import { schemaOf } from "./place.ts";

export const HISTORY = 1_000_000;
export const STREAM_EVENTS = 10;
const READS = 20_000;
const READ_CONNECTIONS = 2;
/** Every next stream lies far from the last. */
const STEP = 7_919;
const AMOUNT = (JSON.parse(FACTS.data) as { readonly amountCents: number }).amountCents;

/** Runs work with a table of 1,000,000 events, generated in the server, and drops it. */
export async function withHistory<T>(url: string, work: (table: string) => Promise<T>): Promise<T> {
  const schema = schemaOf("read_floor");
  const client = await connect(url);
  try {
    await createTable(client, schema);
    await client.query(
      `INSERT INTO ${schema}.events (position, stream, version, category, type, schema_version, time, id, metadata, data)
       SELECT n, 'account-' || lpad((n / ${STREAM_EVENTS})::text, 6, '0'), n % ${STREAM_EVENTS}, 'account', $1, 1, now(), gen_random_uuid(), $2, $3
         FROM generate_series(0, ${HISTORY - 1}) AS n`,
      [FACTS.type, FACTS.metadata, FACTS.data],
    );
    await client.query(`VACUUM ANALYZE ${schema}.events`);
    return await work(`${schema}.events`);
  } finally {
    await dropTable(client, schema);
    await client.end();
  }
}

/** Reads streams from all over the log, of so many callers. */
export function readFloor(url: string, table: string, callers: number): Work {
  return {
    run: async () => {
      const floor = await openReadFloor({ url, table }, READ_CONNECTIONS);
      let amount = 0;
      const call = async (caller: number): Promise<void> => {
        for (let index = caller; index < READS; index += callers) {
          const data = await floor.read(historyStream((index * STEP) % (HISTORY / STREAM_EVENTS)));
          for (const { amountCents } of data) amount += amountCents;
        }
      };
      const ms = await timed(() => Promise.all(Array.from({ length: callers }, (_, caller) => call(caller))));
      await floor.close();
      check(amount, READS * STREAM_EVENTS);
      return { units: READS, ms };
    },
  };
}

/** Scans the log in pages. */
export function scanFloor(url: string, table: string, pageEvents: number): Work {
  return {
    run: async () => {
      const floor = await openReadFloor({ url, table }, 1);
      let amount = 0;
      const onData = (data: { readonly amountCents: number }): void => {
        amount += data.amountCents;
      };
      const ms = await timed(() => floor.scan(pageEvents, onData));
      await floor.close();
      check(amount, HISTORY);
      return { units: HISTORY, ms };
    },
  };
}

function check(amount: number, events: number): void {
  if (amount !== events * AMOUNT) throw new Error(`Reading lost or repeated events: ${amount} where ${events * AMOUNT} was written.`);
}

export function historyStream(stream: number): string {
  return `account-${String(stream).padStart(6, "0")}`;
}
