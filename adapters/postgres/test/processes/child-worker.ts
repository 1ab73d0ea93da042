import { sleep, type Position } from "@reactive-domain/core";
import type { Lease } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";

/**
 * Moves the checkpoint `balances` on by one event at a time, each time with an event that tells of it, under a lease for which others compete; now and then it
 * is away for longer than its lease, and goes on as if it had it. Ends when the checkpoint has come to a position. Says `moved <fence>`, or `refused <code> <fence>`.
 */
const [url = "", owner = "", end = "0"] = process.argv.slice(2);
const NAME = "balances";
const LEASE_MS = 60;
const MOVES = 6;

const store = await openPostgresStore(url);
let holdings = 0;

while (((await store.checkpoint(NAME)) ?? -1) < Number(end)) {
  const lease = await store.leases.acquire(NAME, { owner, durationMs: LEASE_MS });
  if (lease === undefined) await sleep(2);
  else await work(lease);
}
await store.close();

async function work(lease: Lease): Promise<void> {
  let expected = await store.checkpoint(NAME);
  const isAway = ++holdings % 3 === 0;
  for (let move = 0; move < MOVES && (expected ?? -1) < Number(end); move++) {
    if (isAway && move === MOVES / 2) await sleep(2 * LEASE_MS);
    const position = ((expected ?? -1) + 1) as Position;
    try {
      const moved = newEvent({ type: "Moved", data: JSON.stringify({ owner, fence: lease.fence, position }) });
      await store.write([
        { kind: "append", stream: "moves-1", expectedVersion: "any", events: [moved] },
        { kind: "checkpoint", name: NAME, expected, position, fence: lease.fence },
      ]);
      process.stdout.write(`moved ${lease.fence}\n`);
    } catch (error) {
      process.stdout.write(`refused ${(error as { readonly code?: string }).code ?? String(error)} ${lease.fence}\n`);
      return;
    }
    expected = position;
  }
}
