import { join } from "node:path";
import { jsonEvent, KurrentDBClient, NO_STREAM, type JSONType } from "@kurrent/kurrentdb-client";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { appendBy } from "../append-by.ts";
import { FACTS, newAppends, type Append } from "../new-appends.ts";
import { rowOf } from "../row-of.ts";
import { startBareServer } from "./bare-server.ts";
import { clientRow } from "./client-row.ts";
import { serveFile } from "./served-file.ts";

const ROUNDS = 5;
const APPENDS = 25_600;
const CALLERS = 256;
const TARGET = 0.4;
const [DATA, METADATA] = [JSON.parse(FACTS.data), JSON.parse(FACTS.metadata)] as readonly [JSONType, JSONType];

/** The official client's appends beside those of the same kind of store in this process; each store takes all its rounds. */
export async function appendRows(onDurability: (seen: string) => void): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    await using served = await serveFile(join(folder, "served.db"));
    await using store = await openSqliteStore(join(folder, "floor.db"));
    await using bare = await startBareServer(0);
    onDurability(`served ${served.durability}`);
    onDurability(`in process ${store.durability}`);
    const [client, alone] = [served, bare].map(({ url }) => KurrentDBClient.connectionString(url)) as [KurrentDBClient, KurrentDBClient];
    const floor = appending((load) => appendBy(store, load, CALLERS));
    const ours = await compare(appendingBy(client), floor, ROUNDS);
    const most = await compare(appendingBy(alone), floor, ROUNDS);
    await Promise.all([client.dispose(), alone.dispose()]);
    return [
      rowOf({ id: "kurrent.append.256", name: "append 1 event, 256 callers, official client", unit: "events/s", ...ours, target: TARGET }),
      clientRow({ id: "kurrent.append.256", name: "the same, of a server that does nothing", unit: "events/s" }, most, ours.value),
    ];
  });
}

function appendingBy(client: KurrentDBClient): Work {
  return appending((load) =>
    appendBy({ append: (stream, events, options) => appendOne(client, { stream, events, ...options }) }, load, CALLERS),
  );
}

/** Rounds are told apart by their streams. */
function appending(append: (load: readonly Append[]) => Promise<void>): Work {
  let round = 0;
  return {
    run: async () => {
      const name = `round${round++}`;
      const load = newAppends(APPENDS).map(({ stream, events, expectedVersion }) => ({
        stream: `${name}-${stream}`,
        events,
        expectedVersion,
      }));
      return { units: APPENDS, ms: await timed(() => append(load)) };
    },
  };
}

async function appendOne(client: KurrentDBClient, { stream, events, expectedVersion }: Append): Promise<unknown> {
  const sent = events.map(({ id, type }) => jsonEvent({ id, type, data: DATA, metadata: METADATA }));
  return client.appendToStream(stream, sent, { streamState: typeof expectedVersion === "number" ? BigInt(expectedVersion) : NO_STREAM });
}
