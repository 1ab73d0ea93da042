import { setTimeout as sleep } from "node:timers/promises";
import type { Findings } from "../findings.ts";
import { sharedMs } from "./consumers/consumer-protocol.ts";
import type { Consuming } from "./consumers/consuming.ts";
import type { ServedProcess } from "./served-process.ts";
import type { ServingLedger } from "./serving-ledger.ts";
import type { ConsumerKill, ServerKill } from "./serving-schedule.ts";

/** What is under load. */
export interface Served {
  readonly servers: readonly ServedProcess[];
  readonly ledger: ServingLedger;
  readonly findings: Findings;
  readonly consuming: Consuming | undefined;
  /** How many. */
  readonly writers: number;
}

const WAIT_MS = 60_000;
const LEAST_WRITES = 4;
const BEHIND_WITHIN_MS = 2_000;

/** Kills servers and consumers as they are planned, and starts them again; something is written before each kill of a server, and behind the last. */
export async function killServers(served: Served, kills: readonly ServerKill[]): Promise<void> {
  for (const [index, kill] of kills.entries()) {
    await expectWrite(served, `before kill ${index + 1}`);
    await killServer(served, kill);
  }
  await expectWrite(served, "after the last kill");
  await expectSome(served);
}

/** Keys say what becomes of an event: there are to be enough of them, however few kills there were. */
async function expectSome({ ledger, findings, writers }: Served): Promise<void> {
  const hasSome = (): boolean => ledger.acknowledged.filter(({ revision }) => revision === LEAST_WRITES - 1).length === writers;
  if (!(await ledger.until(hasSome, WAIT_MS))) findings.addFault(`not every writer has written ${LEAST_WRITES} events`);
}

async function expectWrite({ ledger, findings }: Served, when: string): Promise<void> {
  const before = ledger.acknowledged.length;
  if (!(await ledger.until(() => ledger.acknowledged.length > before, WAIT_MS))) findings.addFault(`nothing was written ${when}`);
}

async function killServer({ servers, consuming }: Served, kill: ServerKill): Promise<void> {
  const server = servers[kill.server];
  await sleep(kill.afterMs);
  const consumers = killConsumers(consuming, kill.consumerKills);
  const replay = kill.behind === "replay" ? replaying(consuming, kill) : undefined;
  // It may be killed while it is under way.
  if (kill.behind === "replay") await sleep(kill.afterMs);
  else if (kill.behind !== undefined) await consuming?.ledger.next(({ does }) => does === kill.behind, BEHIND_WITHIN_MS);
  const fromMs = sharedMs();
  await server?.kill();
  await server?.start();
  consuming?.ledger.interruptions.push({ fromMs, toMs: sharedMs() });
  await Promise.all([consumers, replay]);
}

async function replaying(consuming: Consuming | undefined, { server }: ServerKill): Promise<void> {
  await consuming?.replay(server);
}

async function killConsumers(consuming: Consuming | undefined, kills: readonly ConsumerKill[]): Promise<void> {
  for (const { slot, afterMs } of kills) {
    await sleep(afterMs);
    await consuming?.kill(slot);
  }
}
