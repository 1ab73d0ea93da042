import type { BenchReport } from "../../report.ts";
import { databaseUrl } from "../store-postgres/place.ts";
import { commandRows } from "./command-rows.ts";
import { foldRow } from "./fold-row.ts";
import { postgresLoadRows, sqliteLoadRows } from "./load-rows.ts";
import { snapshotRows } from "./snapshot-rows.ts";

/** What aggregates cost: loaded, folded, changed. */
export async function runAggregatesSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  const durability = new Set<string>();
  const onDurability = (seen: string): unknown => durability.add(seen);
  const loads = [...(await sqliteLoadRows(onDurability)), ...(await postgresLoadRows(url, onDurability))];
  const rows = [await foldRow(), ...loads, ...(await commandRows(url)), ...(await snapshotRows(url))];
  return { durability: [...durability].join("; "), rows };
}
