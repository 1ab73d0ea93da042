import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Position } from "@reactive-domain/core";
import { after, type EventsArrived, type Fence, type Lease, type ReadSource } from "@reactive-domain/persistence";
import { EFFECTS, effectsOf, JOURNAL } from "../workload.ts";
import { refusalOf, type Caller, type Desk } from "./desk.ts";
import { report } from "./reporter.ts";

const LEASE_MS = 250;
const RENEW_MS = 80;
const MAX_BATCH = 20;

interface Step {
  readonly caller: Caller;
  readonly fence: Fence;
  readonly expected: Position | null;
  readonly position: Position;
  /** Until when nobody else can have the lease. */
  readonly heldUntilMs: number;
}

interface Projection {
  readonly name: string;
  readonly source: ReadSource;
  /** Does the work of a batch and moves the checkpoint; tells whether that was taken. */
  handle(events: EventsArrived["events"], step: Step): Promise<boolean>;
}

/** Effects are events, written together with the checkpoint. */
export function runEffects(desk: Desk): Promise<void> {
  return runProjection(desk, {
    ...EFFECTS,
    handle: async (events, { caller, fence, expected, position, heldUntilMs }) => {
      const outcome = await caller.write([
        ...effectsOf("effect", EFFECTS.name, events),
        { kind: "checkpoint", name: EFFECTS.name, expected, position, fence },
      ]);
      // Whoever is slower than the lease may find that the next one has done the same.
      if ("result" in outcome && outcome.result.repeated && performance.now() < heldUntilMs)
        report({ kind: "again", what: `effects of the events up to ${position}` });
      return "result" in outcome;
    },
  });
}

/** Work is lines of a file, flushed before the checkpoint is moved. */
export function runJournal(desk: Desk): Promise<void> {
  const file = openSync(desk.orders.journal, "a");
  return runProjection(desk, {
    ...JOURNAL,
    handle: async (events, { caller, fence, expected, position }) => {
      writeSync(file, events.map((event) => `${event.position} ${event.id}\n`).join(""));
      fdatasyncSync(file);
      return "result" in (await caller.write([{ kind: "checkpoint", name: JOURNAL.name, expected, position, fence }]));
    },
  }).finally(() => closeSync(file));
}

/** Only the holder of the lease works; whoever waits for it takes over when it ends. */
async function runProjection(desk: Desk, projection: Projection): Promise<void> {
  const caller = desk.caller(projection.name);
  for (let isDone = false; !isDone;) {
    const heldUntilMs = performance.now() + LEASE_MS;
    const lease = await desk.store.leases.acquire(projection.name, { owner: desk.orders.slot, durationMs: LEASE_MS });
    if (lease === undefined) await sleep(caller.random.integer(5, 40));
    else isDone = await follow(desk, { projection, caller, lease, heldUntilMs });
  }
}

interface Following {
  readonly projection: Projection;
  readonly caller: Caller;
  readonly lease: Lease;
  readonly heldUntilMs: number;
}

/** Follows the source until the lease is lost; tells whether there is nothing more to do. */
async function follow({ store, orders }: Desk, { projection, caller, lease, ...following }: Following): Promise<boolean> {
  let { heldUntilMs } = following;
  let expected = await store.checkpoint(projection.name);
  await using subscription = store.subscribe(projection.source, {
    from: expected === null ? "start" : after(expected),
    maxBatchEvents: MAX_BATCH,
  });
  for await (const message of subscription) {
    if (message.kind === "live" && orders.isLast) return true;
    if (message.kind === "live") continue;
    const nextUntilMs = performance.now() + LEASE_MS;
    if (nextUntilMs - heldUntilMs > RENEW_MS) {
      if (!(await isRenewed(store.leases.renew(lease, { durationMs: LEASE_MS })))) return false;
      heldUntilMs = nextUntilMs;
    }
    const last = message.events.at(-1);
    if (last === undefined) continue;
    const step = { caller, fence: lease.fence, expected, position: last.position, heldUntilMs };
    if (!(await projection.handle(message.events, step))) return false;
    expected = last.position;
  }
  return false;
}

async function isRenewed(renewal: Promise<Lease>): Promise<boolean> {
  try {
    await renewal;
    return true;
  } catch (error) {
    refusalOf(error);
    return false;
  }
}
