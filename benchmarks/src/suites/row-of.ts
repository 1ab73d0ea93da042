import type { BenchRow } from "../report.ts";

/** A row whose ratio to the floor is asked to reach a target. */
export function rowOf(
  row: Pick<BenchRow, "id" | "name" | "unit" | "value"> & { readonly floor: number; readonly target: number },
): BenchRow {
  const ratioToFloor = row.value / row.floor;
  return { ...row, ratioToFloor, met: ratioToFloor >= row.target };
}
