import { join } from "node:path";
import { FORWARDS, KurrentDBClient, START } from "@kurrent/kurrentdb-client";
import type { EventStore, RecordedEvent } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { rowOf } from "../row-of.ts";
import { startBareServer } from "./bare-server.ts";
import { clientRow } from "./client-row.ts";
import { EVENTS, parse, STREAM, writeHistory } from "./history.ts";
import { serveFile } from "./served-file.ts";

const ROUNDS = 5;
const [READ_TARGET, CATCH_UP_TARGET] = [0.3, 0.2];

/** Reads and follows by the official client, beside the same file read in this process, with the JSON parsed as the client does. */
export async function readRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, "store.db");
    await writeHistory(file);
    await using served = await serveFile(file);
    await using store = await openSqliteStore(file, { readOnly: true });
    await using bare = await startBareServer(EVENTS);
    const [ours, alone] = [clientOf(served.url), clientOf(bare.url)];
    const rows = [
      ...(await rowsOf("kurrent.read", "read a stream of 100,000 events", READ_TARGET, [ours.reading, alone.reading, readingOf(store)])),
      ...(await rowsOf("kurrent.catchup", "catch-up subscription to $all, 100,000 events", CATCH_UP_TARGET, [
        ours.following,
        alone.following,
        followingOf(store),
      ])),
    ];
    await Promise.all([ours.client.dispose(), alone.client.dispose()]);
    return rows;
  });
}

async function rowsOf(
  id: string,
  name: string,
  target: number,
  [ours, alone, floor]: readonly [Work, Work, Work],
): Promise<readonly BenchRow[]> {
  const unit = "events/s";
  const rates = await compare(ours, floor, ROUNDS);
  const most = await compare(alone, floor, ROUNDS);
  return [
    rowOf({ id, name: `${name}, official client`, unit, target, ...rates }),
    clientRow({ id, name: "the same, of a server that sends what it made before", unit }, most, rates.value),
  ];
}

function clientOf(url: string): { readonly client: KurrentDBClient; readonly reading: Work; readonly following: Work } {
  const client = KurrentDBClient.connectionString(url);
  const reading = taking(() => client.readStream(STREAM, { fromRevision: START, direction: FORWARDS }));
  return { client, reading, following: taking(() => client.subscribeToAll({ fromPosition: START })) };
}

function readingOf(store: EventStore): Work {
  return taking(() => store.read({ stream: STREAM }), parse);
}

function followingOf(store: EventStore): Work {
  return taking(() => eventsOf(store), parse);
}

async function* eventsOf(store: EventStore): AsyncGenerator<RecordedEvent> {
  for await (const message of store.subscribe({ all: true }, { from: "start" })) if (message.kind === "events") yield* message.events;
}

/** Takes {@link EVENTS}, and leaves what has more to come. */
function taking<T>(open: () => AsyncIterable<T>, take: (one: T) => void = () => undefined): Work {
  return {
    run: async () => {
      let taken = 0;
      const ms = await timed(async () => {
        for await (const one of open()) {
          take(one);
          if (++taken === EVENTS) break;
        }
      });
      if (taken !== EVENTS) throw new Error(`${taken} of ${EVENTS} events came.`);
      return { units: EVENTS, ms };
    },
  };
}
