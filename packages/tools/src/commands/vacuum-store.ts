import { bytesText } from "../bytes-text.ts";
import { maintain, type MaintenanceOptions } from "../open-maintenance.ts";
import type { Output } from "../output.ts";

/** Gives unused room of a store back to the disk, and tells how much it took before and after. */
export async function vacuumStore(options: MaintenanceOptions, output: Output): Promise<void> {
  const result = await maintain(options, (maintenance) => maintenance.vacuum());
  const { before, after } = result;
  await output.write([options.json === true ? JSON.stringify(result) : `${bytesText(before)} -> ${bytesText(after)}`]);
}
