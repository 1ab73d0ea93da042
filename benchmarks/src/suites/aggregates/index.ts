import type { BenchReport } from "../../report.ts";
import { databaseUrl } from "../store-postgres/place.ts";
import { foldRow } from "./fold-row.ts";
import { postgresLoadRows, sqliteLoadRows } from "./load-rows.ts";

/** What aggregates cost: loaded, folded, changed. */
export async function runAggregatesSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  const durability = new Set<string>();
  const onDurability = (seen: string): unknown => durability.add(seen);
  const rows = [await foldRow(), ...(await sqliteLoadRows(onDurability)), ...(await postgresLoadRows(url, onDurability))];
  return { durability: [...durability].join("; "), rows };
}
