import { join } from "node:path";
import type { EventStore } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { ACTIVE_STREAMS, GrownLog, STREAM_EVENTS } from "../grown-log.ts";
import { rowOf } from "../row-of.ts";
import { buildLog } from "./growth-log.ts";

const SMALL = 100_000;
const LARGE = 10_000_000;
const ROUNDS = 3;
const SINGLE_APPENDS = 5_000;
const READS = 20_000;
const GROUPED_APPENDS = 51_200;
const CALLERS = 256;

/** The same streams in a large log beside a small one, whose figures stand in the column of the floor; with the default cache of 32 MiB on both. */
export async function growthRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    await using small = await openLog(join(folder, "small.db"), SMALL);
    await using large = await openLog(join(folder, "large.db"), LARGE);
    const [few, many] = [new GrownLog(small, SMALL), new GrownLog(large, LARGE)];
    const appends = await compare(many.appending(SINGLE_APPENDS, 1), few.appending(SINGLE_APPENDS, 1), ROUNDS);
    const reads = await compare(reading(large, many), reading(small, few), ROUNDS);
    const groups = await compare(many.appending(GROUPED_APPENDS, CALLERS), few.appending(GROUPED_APPENDS, CALLERS), ROUNDS);
    const beside = `${ACTIVE_STREAMS.toLocaleString("en-US")} streams in a log of ${LARGE.toLocaleString("en-US")} beside ${SMALL.toLocaleString("en-US")} events`;
    return [
      rowOf({
        id: "sqlite.growth.append",
        name: `append 1 event, one after another; ${beside}`,
        unit: "events/s",
        ...appends,
        target: 1 / 1.3,
      }),
      rowOf({
        id: "sqlite.growth.read",
        name: "read streams of 10 events or more; the same",
        unit: "streams/s",
        ...reads,
        target: 1 / 1.3,
      }),
      rowOf({ id: "sqlite.growth.256", name: "append 1 event, 256 callers; the same", unit: "events/s", ...groups, target: 1 / 1.6 }),
    ];
  });
}

async function openLog(file: string, events: number): Promise<EventStore> {
  await buildLog(file, events);
  return openSqliteStore(file);
}

function reading(store: EventStore, log: GrownLog): Work {
  return {
    run: async () => {
      let events = 0;
      const ms = await timed(async () => {
        for (let read = 0; read < READS; read++)
          for await (const { data } of store.read({ stream: log.streamOf(read) })) if (JSON.parse(data as string) !== null) events++;
      });
      if (events < READS * STREAM_EVENTS) throw new Error(`Only ${events} events were read from ${READS} streams.`);
      return { units: READS, ms };
    },
  };
}
