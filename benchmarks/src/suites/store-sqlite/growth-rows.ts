import { join } from "node:path";
import { version, type EventStore } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { appendBy } from "../append-by.ts";

import { activeStream, ACTIVE_STREAMS, buildLog, STREAM_EVENTS } from "./growth-log.ts";
import { newEvents, type Append } from "./new-appends.ts";
import { rowOf } from "./row-of.ts";

const SMALL = 100_000;
const LARGE = 10_000_000;
const ROUNDS = 3;
const SINGLE_APPENDS = 5_000;
const READS = 20_000;
const GROUPED_APPENDS = 51_200;
const CALLERS = 256;
/** Every next stream lies far from the last. */
const STEP = 7_919;

/** The same streams in a large log beside a small one, whose figures stand in the column of the floor; with the default cache of 32 MiB on both. */
export async function growthRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    await using small = await GrownLog.open(join(folder, "small.db"), SMALL);
    await using large = await GrownLog.open(join(folder, "large.db"), LARGE);
    const appends = await compare(large.appending(SINGLE_APPENDS, 1), small.appending(SINGLE_APPENDS, 1), ROUNDS);
    const reads = await compare(large.reading(), small.reading(), ROUNDS);
    const groups = await compare(large.appending(GROUPED_APPENDS, CALLERS), small.appending(GROUPED_APPENDS, CALLERS), ROUNDS);
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

/** A log that goes on growing while it is measured. */
class GrownLog implements AsyncDisposable {
  readonly #store: EventStore;
  readonly #events: number;
  readonly #versions = new Map<string, number>();
  #next = 0;

  private constructor(store: EventStore, events: number) {
    this.#store = store;
    this.#events = events;
  }

  static async open(file: string, events: number): Promise<GrownLog> {
    await buildLog(file, events);
    return new GrownLog(await openSqliteStore(file), events);
  }

  appending(count: number, callers: number): Work {
    return {
      run: async () => {
        const load = Array.from({ length: count }, () => this.#nextAppend());
        return { units: count, ms: await timed(() => appendBy(this.#store, load, callers)) };
      },
    };
  }

  reading(): Work {
    return {
      run: async () => {
        let events = 0;
        const ms = await timed(async () => {
          for (let read = 0; read < READS; read++) {
            const stream = activeStream((read * STEP) % ACTIVE_STREAMS, this.#events);
            for await (const { data } of this.#store.read({ stream })) if (JSON.parse(data as string) !== null) events++;
          }
        });
        if (events < READS * STREAM_EVENTS) throw new Error(`Only ${events} events were read from ${READS} streams.`);
        return { units: READS, ms };
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#store.close();
  }

  #nextAppend(): Append {
    const stream = activeStream((this.#next++ * STEP) % ACTIVE_STREAMS, this.#events);
    const last = this.#versions.get(stream) ?? STREAM_EVENTS - 1;
    this.#versions.set(stream, last + 1);
    return { stream, events: newEvents(1), expectedVersion: version(last) };
  }
}
