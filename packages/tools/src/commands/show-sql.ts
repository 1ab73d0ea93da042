import { maintain, type MaintenanceOptions } from "../open-maintenance.ts";
import type { Output } from "../output.ts";

/** Tells what a migration would run, so that it can be read, or run by somebody else. */
export async function showSql(options: MaintenanceOptions, output: Output): Promise<void> {
  const sql = await maintain(options, (maintenance) => maintenance.migrationSql());
  await output.write(sql === "" ? ["-- Nothing to do: the schema is the newest."] : sql.trimEnd().split("\n"));
}
