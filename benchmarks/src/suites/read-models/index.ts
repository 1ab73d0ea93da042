import type { BenchReport } from "../../report.ts";
import { databaseUrl } from "../store-postgres/place.ts";
import { postgresCatchUpRows, sqliteCatchUpRows } from "./catch-up-rows.ts";
import { latencyRows } from "./latency-rows.ts";
import { memoryRows } from "./memory-rows.ts";

/** Read models: how fast they catch up, how soon they know, and what they take. */
export async function runReadModelsSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  const durability = new Set<string>();
  const onDurability = (seen: string): unknown => durability.add(seen);
  const catchUps = [...(await sqliteCatchUpRows(onDurability)), ...(await postgresCatchUpRows(url, onDurability))];
  const rows = [...catchUps, ...(await latencyRows(url)), ...(await memoryRows())];
  return { durability: [...durability].join("; "), rows };
}
