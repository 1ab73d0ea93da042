import { StoreUnavailable, type VacuumResult } from "@reactive-domain/persistence";
import type { MaintenanceSession } from "./maintenance-session.ts";
import { tablesOf } from "./schema-objects.ts";
import { storeBytes } from "./store-sizes.ts";

/** Frees what dead rows take in the tables of a store, and counts anew for the planner. Readers and writers go on meanwhile. */
export async function vacuum(session: MaintenanceSession): Promise<VacuumResult> {
  const { client, names, query, store } = session;
  const warnings: string[] = [];
  // A table that may not be vacuumed is left out with no more than this.
  client.on("notice", ({ severity, message }) => {
    if (severity === "WARNING") warnings.push(message ?? "");
  });
  const before = await storeBytes(session);
  for (const table of tablesOf(names)) await query(`VACUUM (ANALYZE) ${table}`);
  const [warning] = warnings;
  if (warning !== undefined)
    throw new StoreUnavailable(store, `could not be vacuumed as a whole: ${warning}; let the owner of its tables do it`, {
      retryable: false,
    });
  return { before, after: await storeBytes(session) };
}
