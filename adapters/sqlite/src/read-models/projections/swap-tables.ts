import { ForeignStore } from "@reactive-domain/persistence";
import type { Database } from "better-sqlite3";
import { hasTable } from "../make-table.ts";
import { quoted } from "../sqlite-dialect.ts";
import { suffixed, type Generation, type GenerationTable } from "./generation.ts";

/** What two generations' tables are called once one of them is live in place of the other. */
export interface SwappedTables {
  readonly live: readonly GenerationTable[];
  readonly next: readonly GenerationTable[];
}

/** Gives the tables of a generation their plain names, which those of the live one lose, within a transaction. Errors: `foreign-store` where a plain name is taken by something else. */
export function swapTables(
  database: Database,
  where: string,
  { live, next }: { readonly live: Generation; readonly next: Generation },
): SwappedTables {
  // Items of another schema version have another plain name: repositories of the old one go on to see the old items.
  const wanted = new Set(next.tables.map(({ name }) => name));
  const mayStay = ({ name }: GenerationTable): boolean => live.making.kind === "documents" && !wanted.has(name);
  const swapped = {
    live: live.tables.map((table) => (mayStay(table) ? table : { name: table.name, table: suffixed(table.name, live.generation) })),
    next: next.tables.map(({ name }) => ({ name, table: name })),
  };
  withViews(database, () => {
    renameAll(database, live.tables, swapped.live);
    for (const [index, { name }] of swapped.next.entries())
      if (next.tables[index]?.table !== name) makeRoom(database, where, { next, name });
    renameAll(database, next.tables, swapped.next);
  });
  return swapped;
}

/** A repository may have made an empty table for items that were to come. */
function makeRoom(database: Database, where: string, { next, name }: { readonly next: Generation; readonly name: string }): void {
  if (!hasTable(database, name)) return;
  if (next.making.kind === "tables")
    throw new ForeignStore(where, `has something else called ${name}`, `Remove it: it is to be a table of projection ${next.projection}.`);
  database.exec(`DROP TABLE ${quoted(name)}`);
}

function renameAll(database: Database, before: readonly GenerationTable[], after: readonly GenerationTable[]): void {
  for (const [index, { table }] of after.entries()) {
    const old = before[index]?.table ?? table;
    if (old !== table) database.exec(`ALTER TABLE ${quoted(old)} RENAME TO ${quoted(table)}`);
  }
}

/** A view that somebody made over the tables is to go on to show those of its names: SQLite would have it follow the old tables. */
function withViews(database: Database, rename: () => void): void {
  const views = database
    .prepare<[], { readonly name: string; readonly type: string; readonly sql: string }>(
      `SELECT name, type, sql FROM sqlite_schema WHERE type = 'view'
       UNION ALL SELECT name, type, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN (SELECT name FROM sqlite_schema WHERE type = 'view')`,
    )
    .all();
  for (const { name, type } of views) if (type === "view") database.exec(`DROP VIEW ${quoted(name)}`);
  rename();
  for (const { sql } of views) database.exec(sql);
}
