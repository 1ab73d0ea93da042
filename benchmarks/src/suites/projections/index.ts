import type { BenchReport } from "../../report.ts";
import { databaseUrl } from "../store-postgres/place.ts";
import { groupRows } from "./group-rows.ts";
import { latencyRows } from "./latency-rows.ts";
import { memoryRows } from "./memory-rows.ts";
import { postgresRebuildRows } from "./postgres-rebuild-rows.ts";
import { sqliteRebuildRows } from "./sqlite-rebuild-rows.ts";

/** Projections: how fast they are rebuilt, how soon they know, what they take; and consumer groups. */
export async function runProjectionsSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  const durability = new Set<string>();
  const onDurability = (seen: string): unknown => durability.add(seen);
  const rebuilds = [...(await sqliteRebuildRows(onDurability)), ...(await postgresRebuildRows(url, onDurability))];
  const rows = [...rebuilds, ...(await latencyRows(url)), ...(await memoryRows()), ...(await groupRows(url, onDurability))];
  return { durability: [...durability].join("; "), rows };
}
