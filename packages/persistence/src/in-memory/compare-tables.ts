import type { RowSamples, TableComparison } from "../projections/projection-store.ts";

type Texts = ReadonlyMap<string, string>;

/** Holds items against each other, by key. */
export function compareTables(table: string, [one, other]: readonly [Texts, Texts], samples: number): TableComparison {
  return { table, rows: [one.size, other.size], onlyOne: missingIn(other, one, samples), onlyOther: missingIn(one, other, samples) };
}

function missingIn(there: Texts, own: Texts, samples: number): RowSamples {
  const missing = [...own].filter(([key, json]) => there.get(key) !== json).map(([, json]) => json);
  return { count: missing.length, samples: missing.slice(0, samples) };
}
