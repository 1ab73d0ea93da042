import { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { Findings } from "../findings.ts";
import { followByAdapter } from "./adapter-subscriber.ts";
import { followByClient, resumeWith } from "./client-subscriber.ts";
import { Consuming } from "./consumers/consuming.ts";
import { killServers } from "./kill-servers.ts";
import type { ServedProcess } from "./served-process.ts";
import { ServingLedger } from "./serving-ledger.ts";
import type { ServingOptions } from "./serving-options.ts";
import { servingSchedule } from "./serving-schedule.ts";
import { writeInto, type Serving } from "./serving-writer.ts";

const WRITERS = 16;
const PROCESSES = 2;
const WAIT_MS = 60_000;
const CLIENT = "the official client";
const ADAPTER = "the adapter";

/** What came of a run, as its clients tell it. */
export interface Told {
  readonly ledger: ServingLedger;
  readonly consuming: Consuming | undefined;
  readonly findings: Findings;
}

/** Has clients work through the servers, on all of them in turn, until everything has come to everybody; then no server runs any more. */
export async function runClients(servers: readonly ServedProcess[], options: ServingOptions): Promise<Told> {
  const { kills, seed, consumers: processes = PROCESSES } = options;
  const [ledger, findings] = [new ServingLedger(), new Findings()];
  const clients = servers.map(({ url }) => KurrentDBClient.connectionString(url));
  const [writing, following] = [new AbortController(), new AbortController()];
  const of = (index: number, ending: AbortSignal): Serving => ({ client: inTurn(clients, index), ledger, findings, ending });
  const followers = [
    followByClient(CLIENT, of(0, following.signal), resumeWith(options.sabotage)),
    followByAdapter(ADAPTER, inTurn(servers, 1).url, of(1, following.signal)),
  ];
  const consuming = await consumingThrough(servers, { ...options, processes }, findings);
  const writers = Array.from({ length: WRITERS }, (_, index) => writeInto(`entry-${index}`, of(index, writing.signal)));
  await consuming?.planted();
  await killServers(
    { servers, ledger, findings, consuming, writers: WRITERS },
    servingSchedule(seed, { kills, servers: servers.length, processes }),
  );
  writing.abort();
  await Promise.all(writers);
  // What was sent and never answered does not come any more: the last event that was told is the end.
  const head = Math.max(-1, ...ledger.acknowledged.map(({ position }) => position));
  for (const name of [CLIENT, ADAPTER])
    if (!(await ledger.until(() => (ledger.seen.get(name)?.at(-1)?.position ?? -1) >= head, WAIT_MS)))
      findings.addFault(`${name} has not come to the end of the log`);
  await consuming?.settle(head);
  following.abort();
  await Promise.all(followers);
  await Promise.all(clients.map((client) => client.dispose()));
  await Promise.all(servers.map((server) => server.kill()));
  return { ledger, consuming, findings };
}

async function consumingThrough(
  servers: readonly ServedProcess[],
  { processes, seed, sabotage, patienceMs = WAIT_MS }: ServingOptions & { readonly processes: number },
  findings: Findings,
): Promise<Consuming | undefined> {
  if (processes === 0) return undefined;
  return Consuming.begin({ processes, seed, sabotage: sabotage ?? null, patienceMs, findings, urls: servers.map(({ url }) => url) });
}

function inTurn<T>(things: readonly T[], index: number): T {
  const thing = things[index % things.length];
  if (thing === undefined) throw new Error("There is nothing to take turns with.");
  return thing;
}
