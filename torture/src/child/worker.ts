import type { Position } from "@reactive-domain/core";
import type { Lease, WriteItem } from "@reactive-domain/persistence";
import type { Desk } from "./desk.ts";
import { eventsOf, pause } from "./writers.ts";

const LEASE_MS = 60_000;

/** Does work and says in the same write how far it had come before, under a lease: its checkpoint is at the last event but one of its stream. */
export async function runWorker(desk: Desk, index: number): Promise<void> {
  const caller = desk.caller(`done-${index}`);
  const name = `done-${desk.orders.slot}${index}`;
  const lease = await desk.store.leases.acquire(name, { owner: desk.orders.slot, durationMs: LEASE_MS });
  if (lease === undefined) throw new Error(`The lease ${name} is held by another, and nobody else asks for it.`);
  await caller.repeat((item) => (item.kind === "checkpoint" ? { ...item, fence: lease.fence } : item));
  let [expected, last] = [await desk.store.checkpoint(name), await lastPositionOf(desk, name)];
  while (!desk.orders.isLast) {
    const outcome = await caller.write([
      { kind: "append", stream: name, expectedVersion: "any", events: eventsOf(caller, "done", 1, desk.orders.seed) },
      ...moved(lease, expected, last),
    ]);
    if ("refused" in outcome) throw new Error(`The only worker of ${name} was refused: ${outcome.refused}.`);
    [expected, last] = [last, outcome.result.position];
    await pause(caller);
  }
}

function moved({ name, fence }: Lease, expected: Position | null, position: Position | null): readonly WriteItem[] {
  return position === null ? [] : [{ kind: "checkpoint", name, expected, position, fence }];
}

async function lastPositionOf(desk: Desk, stream: string): Promise<Position | null> {
  for await (const event of desk.store.read({ stream }, { direction: "backwards", limit: 1 })) return event.position;
  return null;
}
