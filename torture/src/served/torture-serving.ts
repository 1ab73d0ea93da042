import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KurrentDBClient, START } from "@kurrent/kurrentdb-client";
import { Findings } from "../findings.ts";
import { Random } from "../random.ts";
import { newPlace, storeAt } from "../stores.ts";
import { followByAdapter } from "./adapter-subscriber.ts";
import { followByClient, resumeAtCheckpoint, type Resume } from "./client-subscriber.ts";
import { ServedProcess } from "./served-process.ts";
import { ServingLedger } from "./serving-ledger.ts";
import { writeInto, type Serving } from "./serving-writer.ts";
import { verifyServing } from "./verify-serving.ts";

export interface ServingOptions {
  /** The kind of store behind the server, or `kind:server`. */
  readonly store: string;
  /** How often the server is killed. */
  readonly kills: number;
  readonly seed: number;
  /** The name of a planted fault. */
  readonly sabotage?: ServingSabotage | undefined;
}

/** Faults that can be planted: of a subscriber that goes on one event too early or too late. */
export type ServingSabotage = "resume-early" | "resume-late";

export interface ServingResult {
  readonly kills: number;
  readonly acknowledged: number;
  /** How many events the log has. */
  readonly events: number;
  readonly findings: Findings;
}

const WRITERS = 16;
const [LEAST_MS, MOST_MS] = [150, 900];
const WAIT_MS = 60_000;
const CLIENT = "the official client";
const ADAPTER = "the adapter";

const RESUMES: Readonly<Record<ServingSabotage, Resume>> = {
  "resume-early": (seen) => seen.at(-2) ?? START,
  "resume-late": (seen) => {
    const last = seen.at(-1);
    return last === undefined ? START : { commit: last.commit + 1n, prepare: last.prepare + 1n };
  },
};

/** Has clients write and follow through a server that is killed and started again, and looks for what was lost or came twice. */
export async function tortureServing(options: ServingOptions): Promise<ServingResult> {
  const folder = mkdtempSync(join(tmpdir(), "torture-served-"));
  const place = await newPlace(options.store, folder);
  const server = new ServedProcess(place.url.replace(/^postgres:postgres/, "postgres"));
  try {
    await server.start();
    const { ledger, findings } = await runClients(server, options);
    const tortured = await storeAt(place.url);
    await tortured.settled();
    await using store = await tortured.open({ readOnly: true });
    const events = await verifyServing(store, ledger, findings);
    return { kills: options.kills, acknowledged: ledger.acknowledged.length, events, findings };
  } finally {
    await server.kill();
    await place.end(false);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runClients(server: ServedProcess, { kills, seed, sabotage }: ServingOptions) {
  const [ledger, findings] = [new ServingLedger(), new Findings()];
  const client = KurrentDBClient.connectionString(server.url);
  const [writing, following] = [new AbortController(), new AbortController()];
  const of = (ending: AbortSignal): Serving => ({ client, ledger, findings, ending });
  const resume = sabotage === undefined ? resumeAtCheckpoint : RESUMES[sabotage];
  const followers = [followByClient(CLIENT, of(following.signal), resume), followByAdapter(ADAPTER, server.url, of(following.signal))];
  const writers = Array.from({ length: WRITERS }, (_, index) => writeInto(`entry-${index}`, of(writing.signal)));
  await killAndStart(server, { kills, seed }, ledger, findings);
  writing.abort();
  await Promise.all(writers);
  // What was sent and never answered does not come any more: the last event that was told is the end.
  const head = Math.max(-1, ...ledger.acknowledged.map(({ position }) => position));
  for (const name of [CLIENT, ADAPTER])
    if (!(await ledger.until(() => (ledger.seen.get(name)?.at(-1)?.position ?? -1) >= head, WAIT_MS)))
      findings.addFault(`${name} has not come to the end of the log`);
  following.abort();
  await Promise.all(followers);
  await client.dispose();
  await server.kill();
  return { ledger, findings };
}

async function killAndStart(
  server: ServedProcess,
  { kills, seed }: { readonly kills: number; readonly seed: number },
  ledger: ServingLedger,
  findings: Findings,
): Promise<void> {
  const random = Random.of(seed, "serving");
  for (let kill = 0; kill < kills; kill++) {
    const before = ledger.acknowledged.length;
    if (!(await ledger.until(() => ledger.acknowledged.length > before, WAIT_MS)))
      findings.addFault(`nothing was written before kill ${kill + 1}`);
    await sleep(random.integer(LEAST_MS, MOST_MS));
    await server.kill();
    await server.start();
  }
  const before = ledger.acknowledged.length;
  if (!(await ledger.until(() => ledger.acknowledged.length > before, WAIT_MS)))
    findings.addFault("nothing was written after the last kill");
}
