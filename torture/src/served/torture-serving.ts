import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Findings } from "../findings.ts";
import { newPlace, storeAt } from "../stores.ts";
import type { Consuming } from "./consumers/consuming.ts";
import type { Again } from "./consumers/verify-consuming.ts";
import { runClients } from "./run-clients.ts";
import { ServedProcess } from "./served-process.ts";
import type { ServingOptions } from "./serving-options.ts";
import { verifyServing } from "./verify-serving.ts";

export interface ServingResult {
  readonly kills: number;
  readonly acknowledged: number;
  /** How many events the log has. */
  readonly events: number;
  readonly consumed: Consumed | undefined;
  readonly findings: Findings;
}

/** What came of the persistent subscriptions. */
export interface Consumed extends Again {
  readonly kills: number;
  readonly given: number;
  readonly replays: number;
}

/** Has clients write, follow and consume through servers that are killed and started again, and looks for what was lost or came twice. */
export async function tortureServing(options: ServingOptions): Promise<ServingResult> {
  const folder = mkdtempSync(join(tmpdir(), "torture-served-"));
  const place = await newPlace(options.store, folder);
  const url = place.url.replace(/^postgres:postgres/, "postgres");
  const servers = Array.from({ length: options.servers ?? 1 }, () => new ServedProcess(url));
  try {
    // The first one makes the store.
    for (const server of servers) await server.start();
    const { ledger, consuming, findings } = await runClients(servers, options);
    const tortured = await storeAt(place.url);
    await tortured.settled();
    await using store = await tortured.open({ readOnly: true });
    const { events, again } = await verifyServing(store, { ledger, consuming: consuming?.ledger }, findings);
    const consumed = consuming && consumedOf(consuming, again);
    return { kills: options.kills, acknowledged: ledger.acknowledged.length, events, consumed, findings };
  } finally {
    await Promise.all(servers.map((server) => server.kill()));
    await place.end(false);
    rmSync(folder, { recursive: true, force: true });
  }
}

function consumedOf({ ledger }: Consuming, again: Again): Consumed {
  return { ...again, kills: ledger.kills, given: ledger.takings.length, replays: ledger.replays };
}
