import type { BenchRow } from "../../report.ts";

/** What the client does at most, and how much of that it does with the server that is measured: `ours`. */
export function clientRow(
  { id, name, unit }: Pick<BenchRow, "id" | "name" | "unit">,
  most: { readonly value: number; readonly floor: number },
  ours: number,
): BenchRow {
  const share = `ours has ${(ours / most.value).toFixed(2)} of it`;
  return { id: `${id}.client`, name: `${name}; ${share}`, unit, ...most, ratioToFloor: most.value / most.floor };
}
