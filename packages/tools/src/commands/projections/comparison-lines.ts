import type { GenerationComparison, TableComparison } from "@reactive-domain/foundation";
import { printable } from "../../printable.ts";

/** What the two sides of a comparison are called. */
export type Sides = readonly [one: string, other: string];

/** How many rows there are on either side that the other does not have. */
export function differencesIn({ tables }: GenerationComparison): number {
  return tables.reduce((sum, { onlyOne, onlyOther }) => sum + onlyOne.count + onlyOther.count, 0);
}

/** A comparison table by table, with samples of what differs. */
export function comparisonLines({ tables }: GenerationComparison, sides: Sides): readonly string[] {
  return tables.flatMap((table) => tableLines(table, sides));
}

function tableLines({ table, rows, onlyOne, onlyOther }: TableComparison, [one, other]: Sides): readonly string[] {
  const differ =
    onlyOne.count === 0 && onlyOther.count === 0 ? "no difference" : `${onlyOne.count} only ${one}, ${onlyOther.count} only ${other}`;
  return [
    `${printable(table)}: ${count(rows[0])} rows ${one}, ${count(rows[1])} ${other}; ${differ}`,
    ...onlyOne.samples.map((row) => `  only ${one}: ${printable(row)}`),
    ...onlyOther.samples.map((row) => `  only ${other}: ${printable(row)}`),
  ];
}

function count(rows: number): string {
  return rows.toLocaleString("en");
}
