import type { PoolClient } from "pg";
import { run } from "../../database.ts";

/** A view, as it is made. */
type ViewSql = string;

/**
 * How the views were made that look at tables, to be made so again when others have the names: they are to show what is live, and would follow the tables. Within a transaction, whose
 * search path is empty from then on. Errors: PostgreSQL's own.
 */
export async function viewsOver(client: PoolClient, tables: readonly string[]): Promise<readonly ViewSql[]> {
  await run(client, "SELECT set_config('search_path', '', true)");
  const rows = await run(
    client,
    `SELECT format('CREATE OR REPLACE VIEW %s%s AS %s', v.oid::regclass, ' WITH (' || array_to_string(v.reloptions, ', ') || ')', pg_get_viewdef(v.oid))
     FROM pg_catalog.pg_class v WHERE v.relkind = 'v' AND v.oid IN (SELECT r.ev_class FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
       WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ANY ($1::text[]::regclass[]))`,
    [tables],
  );
  return rows.map(([sql]) => sql ?? "");
}
