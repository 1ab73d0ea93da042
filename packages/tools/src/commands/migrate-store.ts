import { maintain, type MaintenanceOptions } from "../open-maintenance.ts";
import type { Output } from "../output.ts";

/** Brings the schema of a store up, and tells from where to where. */
export async function migrateStore(options: MaintenanceOptions, output: Output): Promise<void> {
  const result = await maintain(options, (maintenance) => maintenance.migrate());
  await output.write([options.json === true ? JSON.stringify(result) : asLine(result)]);
}

function asLine({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `nothing to do: schema ${to} is the newest` : `schema ${from} -> ${to}`;
}
