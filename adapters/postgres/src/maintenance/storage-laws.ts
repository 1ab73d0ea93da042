import type { Names } from "../schema/names.ts";
import type { Law } from "./laws.ts";
import type { MaintenanceSession } from "./maintenance-session.ts";
import { schemaObjects, tablesOf } from "./schema-objects.ts";

/** What must be there before anything can be said of what is in it. */
export function schemaLaws(names: Names): readonly Law[] {
  const objects = schemaObjects(names)
    .map(({ kind, name }) => `(${literal(kind)}, ${literal(name)}, ${literal(bare(name))})`)
    .join();
  const tables = tablesOf(names).map(literal).join();
  return [
    {
      name: "schema-objects",
      breaches: `SELECT 'The ' || kind || ' ' || name || ' is missing.' AS problem FROM (VALUES ${objects}) o (kind, name, bare)
          WHERE CASE kind WHEN 'function'
            THEN NOT EXISTS (SELECT 1 FROM pg_proc p WHERE p.pronamespace = to_regnamespace(${literal(names.schema)}) AND p.proname = o.bare)
            ELSE to_regclass(name) IS NULL END
        UNION ALL SELECT 'The table ' || name || ' has no primary key.' FROM unnest(ARRAY[${tables}]) t (name)
          WHERE to_regclass(name) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = to_regclass(name) AND indisprimary)`,
    },
    {
      name: "indexes",
      breaches: `SELECT 'The index ' || indexrelid::regclass || ' is not valid: rebuild it (REINDEX INDEX).' AS problem FROM pg_index
        WHERE indrelid = ANY (ARRAY(SELECT to_regclass(name)::oid FROM unnest(ARRAY[${tables}]) t (name))) AND NOT (indisvalid AND indisready AND indislive)`,
    },
    {
      name: "one-log",
      breaches: `SELECT 'The table log has ' || count(*) || ' rows, and must have one.' AS problem FROM ${names.of("log")} HAVING count(*) <> 1`,
    },
  ];
}

/** What checks an index with the extension amcheck, against its table, too; none where the extension is not installed or not allowed. Each errs where it finds something. */
export async function indexChecks({ names, query }: MaintenanceSession): Promise<readonly string[]> {
  const [found] = await query(
    `SELECT p.pronamespace::regnamespace FROM pg_extension x JOIN pg_depend d ON d.refobjid = x.oid AND d.deptype = 'e'
      JOIN pg_proc p ON p.oid = d.objid WHERE x.extname = 'amcheck' AND p.proname = 'bt_index_check' AND p.pronargs = 2
        AND has_function_privilege(p.oid, 'EXECUTE')`,
  );
  if (found === undefined) return [];
  const rows = await query(
    `SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
      WHERE i.indrelid = ANY (ARRAY(SELECT to_regclass(name)::oid FROM unnest($1::text[]) t (name))) AND a.amname = 'btree' AND i.indisvalid`,
    [tablesOf(names)],
  );
  return rows.map(([index]) => `SELECT ${found[0]}.bt_index_check(${index}::oid::regclass, true)`);
}

function bare(name: string): string {
  return name.slice(name.indexOf(".") + 2, -1);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
