import type { PartSize } from "@reactive-domain/persistence";
import type { MaintenanceSession } from "./maintenance-session.ts";
import { tablesOf } from "./schema-objects.ts";

/** The room that the tables of a store take with their indexes, in bytes. */
export async function storeBytes({ names, query }: MaintenanceSession): Promise<number> {
  const [row] = await query("SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0) FROM unnest($1::text[]) t (name)", [
    tablesOf(names),
  ]);
  return Number(row?.[0]);
}

/** Of each table and each index, the largest first. What a table keeps aside of large values belongs to it. */
export async function partSizes({ names, query }: MaintenanceSession): Promise<readonly PartSize[]> {
  const rows = await query(
    `WITH tables AS (SELECT to_regclass(name)::oid AS id FROM unnest($1::text[]) t (name))
      SELECT c.relname, pg_table_size(p.id) AS bytes
      FROM (SELECT id FROM tables UNION ALL SELECT i.indexrelid FROM tables JOIN pg_index i ON i.indrelid = tables.id) p
      JOIN pg_class c ON c.oid = p.id ORDER BY bytes DESC, relname COLLATE "C"`,
    [tablesOf(names)],
  );
  return rows.map(([name, bytes]) => ({ name: name as string, bytes: Number(bytes) }));
}
