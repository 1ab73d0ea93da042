import { openPostgresStore } from "@reactive-domain/postgres";
import { compare } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { GrownLog, STREAM_EVENTS } from "../grown-log.ts";
import { FACTS } from "../new-appends.ts";
import { rowOf } from "../row-of.ts";
import { dropSchema, runSql } from "./our-store.ts";
import { schemaOf } from "./place.ts";

const SMALL = 100_000;
const LARGE = 10_000_000;
const CHUNK = 1_000_000;
const ROUNDS = 3;
const SINGLE_APPENDS = 4_000;
const GROUPED_APPENDS = 51_200;
const CALLERS = 256;

/** The same streams in a large log beside a small one, whose figures stand in the column of the floor. */
export async function growthRows(url: string): Promise<readonly BenchRow[]> {
  const schemas = [schemaOf("small"), schemaOf("large")] as const;
  try {
    for (const [index, schema] of schemas.entries()) await buildLog(url, schema, index === 0 ? SMALL : LARGE);
    await using small = await openPostgresStore(url, { schema: schemas[0] });
    await using large = await openPostgresStore(url, { schema: schemas[1] });
    const [few, many] = [new GrownLog(small, SMALL), new GrownLog(large, LARGE)];
    const single = await compare(many.appending(SINGLE_APPENDS, 1), few.appending(SINGLE_APPENDS, 1), ROUNDS);
    const groups = await compare(many.appending(GROUPED_APPENDS, CALLERS), few.appending(GROUPED_APPENDS, CALLERS), ROUNDS);
    const beside = "10,000 streams in a log of 10,000,000 beside 100,000 events";
    const unit = "events/s";
    return [
      rowOf({ id: "postgres.growth.append", name: `append 1 event, one after another; ${beside}`, unit, ...single, target: 1 / 1.3 }),
      rowOf({ id: "postgres.growth.256", name: "append 1 event, 256 callers; the same", unit, ...groups, target: 1 / 1.6 }),
    ];
  } finally {
    for (const schema of schemas) await dropSchema(url, schema);
  }
}

/** Streams that have grown together, an event each in turn, with ids that grow. */
async function buildLog(url: string, schema: string, events: number): Promise<void> {
  await (await openPostgresStore(url, { schema })).close();
  const streams = events / STREAM_EVENTS;
  for (let from = 0; from < events; from += CHUNK) {
    await runSql(
      url,
      `SET synchronous_commit = off;
       INSERT INTO ${schema}.events (position, stream, version, category, type, schema_version, time, id, metadata, data)
         SELECT n, 'account-' || lpad((n % ${streams})::text, 7, '0'), n / ${streams}, 'account', '${FACTS.type}', 1, 1700000000000 + n,
             (lpad(to_hex(1700000000000 + n / 8), 12, '0') || '70008' || lpad(to_hex(n % 4096), 3, '0') || lpad(to_hex(n * 7919), 12, '0'))::uuid,
             '${FACTS.metadata}', '${FACTS.data}'
           FROM generate_series(${from}::bigint, ${Math.min(from + CHUNK, events) - 1}) AS n`,
    );
  }
  await runSql(url, `VACUUM ANALYZE ${schema}.events`);
  await runSql(url, "CHECKPOINT");
}
