import { once } from "node:events";
import type { Position } from "@reactive-domain/core";
import type { Fence } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";

/** Takes the lease `balances`, says `held <fence>`, and moves its checkpoint to 0 when it is told to. Says `moved`, or the code of its refusal. */
const [url = "", durationMs = "0"] = process.argv.slice(2);

const store = await openPostgresStore(url);
const lease = await store.leases.acquire("balances", { owner: "holder", durationMs: Number(durationMs) });
const fence = lease?.fence ?? (0 as Fence);
process.stdout.write(`held ${fence}\n`);
await once(process.stdin, "data");
try {
  await store.write([{ kind: "checkpoint", name: "balances", expected: null, position: 0 as Position, fence }]);
  process.stdout.write("moved\n");
} catch (error) {
  process.stdout.write(`${(error as { readonly code?: string }).code ?? String(error)}\n`);
}
await store.close();
process.stdin.destroy();
