import { openPostgresStore, type PostgresEventStore } from "@reactive-domain/postgres";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import { FACTS } from "../new-appends.ts";
import { withStore, runSql } from "./our-store.ts";
import { HISTORY, historyStream, readFloor, scanFloor, STREAM_EVENTS, withHistory } from "./read-floor.ts";
import { runEmmett, type EmmettRun } from "./rival-runs.ts";

const ROUNDS = 3;
const READS = 20_000;
const READERS = 32;
const FLOOR_PAGE = 1_000;
const STEP = 7_919;

interface RivalTarget {
  readonly run: EmmettRun;
  readonly times: number;
}

/** Reads of streams and of the log beside the same by hand, and beside Emmett's. */
export async function readRows(url: string): Promise<readonly BenchRow[]> {
  return withStore(url, "read", async (store, schema) => {
    await fill(url, schema);
    await using fresh = await openPostgresStore(url, { schema });
    return await withHistory(url, async (table) => {
      const streams = await compare(readStreams(fresh), readFloor(url, table, READERS), ROUNDS);
      const batches = await compare(catchUp(fresh, "batches"), scanFloor(url, table, FLOOR_PAGE), ROUNDS);
      const events = await compare(catchUp(fresh, "events"), scanFloor(url, table, FLOOR_PAGE), ROUNDS);
      const { durability } = store;
      const row = { durability, url };
      return [
        await besideRival(
          { ...row, id: "postgres.read.10", name: `read streams of 10 events, ${READERS} callers`, unit: "streams/s", ...streams },
          [{ run: "read.10", times: 3 }],
        ),
        await besideRival(
          {
            ...row,
            id: "postgres.catchup.batches",
            name: "catch-up over 1,000,000 events, in batches",
            unit: "events/s",
            ...batches,
            floorTarget: 0.7,
          },
          [{ run: "catchup.default", times: 60 }],
        ),
        await besideRival(
          {
            ...row,
            id: "postgres.catchup",
            name: "the same event by event, beside Emmett tuned",
            unit: "events/s",
            ...events,
            floorTarget: 0.7,
          },
          [{ run: "catchup.bare", times: 4 }],
        ),
      ];
    });
  });
}

interface RowFacts {
  readonly url: string;
  readonly durability: string;
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly floor: number;
  readonly floorTarget?: number;
}

async function besideRival({ url, durability, floorTarget = 0, ...row }: RowFacts, [rival]: readonly RivalTarget[]): Promise<BenchRow> {
  const ratioToFloor = row.value / row.floor;
  if (rival === undefined) return { ...row, ratioToFloor };
  const columns = rivalColumns({ value: row.value, durability }, await runEmmett(url, rival.run));
  const met = ratioToFloor >= floorTarget && (columns.ratioToRival ?? Number.POSITIVE_INFINITY) >= rival.times;
  const asked = `${floorTarget === 0 ? "" : `${floorTarget} of the floor, `}${rival.times} of the rival`;
  return { ...row, name: `${row.name} (asked: ${asked})`, ratioToFloor, ...columns, met };
}

/** The history that the floor has, in a store of ours. */
async function fill(url: string, schema: string): Promise<void> {
  await runSql(
    url,
    `INSERT INTO ${schema}.events (position, stream, version, category, type, schema_version, time, id, metadata, data)
       SELECT n, 'account-' || lpad((n / ${STREAM_EVENTS})::text, 6, '0'), n % ${STREAM_EVENTS}, 'account', '${FACTS.type}', 1, 1700000000000 + n,
           gen_random_uuid(), '${FACTS.metadata}', '${FACTS.data}'
         FROM generate_series(0, ${HISTORY - 1}) AS n`,
  );
  await runSql(url, `VACUUM ANALYZE ${schema}.events`);
}

function readStreams(store: PostgresEventStore): Work {
  return {
    run: async () => {
      let events = 0;
      const call = async (caller: number): Promise<void> => {
        for (let index = caller; index < READS; index += READERS)
          for await (const { data } of store.read({ stream: historyStream((index * STEP) % (HISTORY / STREAM_EVENTS)) }))
            if (JSON.parse(data as string) !== null) events++;
      };
      const ms = await timed(() => Promise.all(Array.from({ length: READERS }, (_, caller) => call(caller))));
      if (events !== READS * STREAM_EVENTS) throw new Error(`${events} events were read from ${READS} streams.`);
      return { units: READS, ms };
    },
  };
}

function catchUp(store: PostgresEventStore, face: "batches" | "events"): Work {
  return {
    run: async () => {
      let events = 0;
      const ms = await timed(async () => {
        await using subscription = store.subscribe({ all: true });
        if (face === "events") {
          for await (const { data } of subscription.events()) if (JSON.parse(data as string) !== null && ++events === HISTORY) return;
          return;
        }
        for await (const message of subscription) {
          if (message.kind === "live") return;
          for (const { data } of message.events) if (JSON.parse(data as string) !== null) events++;
        }
      });
      if (events !== HISTORY) throw new Error(`${events} of ${HISTORY} events were read.`);
      return { units: HISTORY, ms };
    },
  };
}
