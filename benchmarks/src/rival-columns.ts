import type { BenchRow } from "./report.ts";
import type { RivalOutcome } from "./rival-process.ts";

/** What a row says of a rival, which counts only where both kept to the same durability, as read back. */
export function rivalColumns(
  ours: { readonly value: number; readonly durability: string },
  rival: RivalOutcome,
): Pick<BenchRow, "rival" | "ratioToRival" | "rivalNote"> {
  if (!rival.measured) return { rivalNote: rival.reason };
  if (rival.durability !== ours.durability) {
    return { rivalNote: `rival not comparable: it ran with ${rival.durability}, ours with ${ours.durability}` };
  }
  return { rival: rival.rate, ratioToRival: ours.value / rival.rate };
}
