import assert from "node:assert/strict";
import { sleep } from "@reactive-domain/core";
import type { EventStore, Lease } from "@reactive-domain/persistence";

/** A lease that is to run out within the case. */
export const SHORT_MS = 80;
/** A lease that outlives every case. */
export const LONG_MS = 60_000;
/** Clocks do not agree to the millisecond. */
const MARGIN_MS = 40;

/** How far the clock of a store may be from ours. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** Waits until what is held for {@link SHORT_MS} has run out. */
export function runOut(): Promise<void> {
  return sleep(SHORT_MS + MARGIN_MS);
}

/** A lease that the store must give. */
export async function acquired(store: EventStore, name: string, owner: string, durationMs: number = LONG_MS): Promise<Lease> {
  const lease = await store.leases.acquire(name, { owner, durationMs });
  return lease ?? assert.fail(`${owner} must get the lease ${name}, which nobody holds.`);
}
