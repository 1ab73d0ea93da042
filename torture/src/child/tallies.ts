import { setTimeout as sleep } from "node:timers/promises";
import {
  createProjections,
  ReactiveDomainError,
  StoreUnavailable,
  type Projections,
  type ReadModels,
  type RunnableProjection,
} from "@reactive-domain/foundation";
import { Random } from "../random.ts";
import { contextOn } from "../context.ts";
import { projectionsWith, tallyKey, TALLIES, type Connection } from "../tallies.ts";
import { SHARED_STREAMS } from "../workload.ts";
import type { Desk } from "./desk.ts";
import { report } from "./reporter.ts";
import { mayFail, PlannedFailure } from "./troubles.ts";

const LEASE_MS = 1_000;
const LAST_LEASE_MS = 5_000;
const POLL_MS = 50;
const LONGEST_PAUSE_MS = 600;
const CATCH_UP_MS = 40_000;
const SHARES = { rebuild: 0.15, rebuildKey: 0.25, rollback: 0.3 };

/** What may come of a change while others change the same. Whatever else comes of it is a fault. */
const EXPECTED: ReadonlySet<string> = new Set(["projection-changed", "projection-not-found", "rebuild-refused", "fenced"]);

/** Runs the projections, or stands by; now and then one is rebuilt, put back, or has what was parked tried again. */
export async function runTallies(desk: Desk, views: ReadModels<Connection>, lanes: number): Promise<void> {
  for (;;) {
    try {
      return await runUntilAway(desk, views, lanes);
    } catch (error) {
      // The server may have been killed: then it comes back.
      if (!(error instanceof StoreUnavailable && error.retryable)) throw error;
      await sleep(POLL_MS);
    }
  }
}

async function runUntilAway(desk: Desk, views: ReadModels<Connection>, lanes: number): Promise<void> {
  const { seed, round, slot, isLast } = desk.orders;
  const random = Random.of(seed, round, slot, "tallies");
  const projections = projectionsWith((event) => {
    if (!isLast) mayFail(event, random);
  });
  await using running = createProjections(contextOn(desk.store), views, projections, {
    worker: `${slot} in round ${round}`,
    leaseMs: isLast ? LAST_LEASE_MS : LEASE_MS,
    pollMs: POLL_MS,
    lanes,
    failures: { attempts: 3, minDelayMs: 2, maxDelayMs: 20 },
    resume: { minDelayMs: 5, maxDelayMs: 200 },
    onStopped: (error) => report({ kind: "fault", what: `a projection has stopped: ${error.message}` }),
    onFailure: ({ projection, position, error }) => {
      // Whoever is killed with an event in hand may have died of it.
      if (error instanceof PlannedFailure || String(error).startsWith("Error: Its worker went away")) return;
      report({ kind: "fault", what: `${projection} failed with ${position}: ${String(error)}` });
    },
  });
  await running.start();
  for (const one of running.all) await resumed(one);
  if (isLast) await finish(running);
  while (!desk.orders.isLast) {
    await sleep(random.integer(0, LONGEST_PAUSE_MS));
    await change(random.pick([running.of(TALLIES), ...running.all]), random);
  }
}

/** Whoever held it still was killed, perhaps. */
async function resumed(projection: RunnableProjection): Promise<void> {
  if ((await projection.record()).pausedUntil !== null) await projection.resume();
}

async function change(projection: RunnableProjection, random: Random): Promise<void> {
  try {
    await anyChange(projection, random);
  } catch (error) {
    const isExpected = error instanceof PlannedFailure || (error instanceof ReactiveDomainError && EXPECTED.has(error.code));
    if (!isExpected) throw error;
  }
}

async function anyChange(projection: RunnableProjection, random: Random): Promise<unknown> {
  const share = random.next();
  if (share < SHARES.rebuild) return projection.rebuild({ acceptParked: true, compare: random.chance(0.3) });
  if (share < SHARES.rebuildKey) return projection.rebuildKey(anyKey(random));
  if (share < SHARES.rollback) return projection.rollback();
  return projection.replayParked();
}

function anyKey(random: Random): string {
  return tallyKey(`transfer-${random.integer(0, SHARED_STREAMS - 1)}`, { key: String(random.next()) });
}

/** Nothing fails any more: everything is handled, and is what a fresh fold makes. */
async function finish(running: Projections): Promise<void> {
  for (const projection of running.all) {
    // What somebody was building when it was killed.
    await projection.discard("building");
    await projection.caughtUp({ timeoutMs: CATCH_UP_MS });
    while ((await projection.parked({ limit: 1 })).length > 0) {
      await projection.replayParked();
      await sleep(POLL_MS);
    }
    const { isEqual, tables } = await projection.verify();
    if (!isEqual) report({ kind: "fault", what: `${projection.name} is not what a fresh fold makes: ${JSON.stringify(tables)}` });
  }
}
