import { migrationSql } from "../schema/migrate.ts";
import type { Names } from "../schema/names.ts";

/** Something that the migrations make. */
export interface SchemaObject {
  readonly kind: "table" | "index" | "sequence" | "function";
  /** As SQL names it: qualified and quoted. */
  readonly name: string;
}

const CREATION = /^(CREATE(?: OR REPLACE)?|DROP) (?:UNIQUE )?(TABLE|INDEX|SEQUENCE|FUNCTION) (?:IF EXISTS )?((?:"[^"]+"\.)?"[^"]+")/gm;

/** What a store consists of when it has seen all migrations, as these say. */
export function schemaObjects(names: Names): readonly SchemaObject[] {
  const objects = new Map<string, SchemaObject>();
  for (const [, what = "", type = "", name = ""] of migrationSql(names, { seen: 0, epoch: "", partitionSize: undefined }).matchAll(
    CREATION,
  )) {
    const object = { kind: type.toLowerCase() as SchemaObject["kind"], name: name.includes(".") ? name : `${names.schema}.${name}` };
    if (what === "DROP") objects.delete(`${object.kind} ${object.name}`);
    else objects.set(`${object.kind} ${object.name}`, object);
  }
  return [...objects.values()];
}

/** The tables, as SQL names them. */
export function tablesOf(names: Names): readonly string[] {
  return schemaObjects(names)
    .filter(({ kind }) => kind === "table")
    .map(({ name }) => name);
}
