import type { BenchRow } from "../../report.ts";

/** A row whose ratio is asked to reach a target. */
export function rowOf(
  id: string,
  name: string,
  unit: string,
  rates: { readonly value: number; readonly floor: number },
  target: number,
): BenchRow {
  const ratioToFloor = rates.value / rates.floor;
  return { id, name, unit, ...rates, ratioToFloor, target, met: ratioToFloor >= target };
}
