import { InvalidArgument } from "@reactive-domain/core";
import type { EntryRef, NewProjectionEntry } from "@reactive-domain/persistence";
import { MAX_ERROR_LENGTH, type RowChanges } from "@reactive-domain/persistence/adapter";
import { textArray } from "../../binary-arrays.ts";
import { withoutNul } from "../../content.ts";
import { quoted } from "../../schema/names.ts";
import { COLUMN_TYPES } from "../postgres-dialect.ts";
import { entryId, keptKey } from "./entry-key.ts";
import type { KeptDocuments, KeptGeneration } from "./kept-projection.ts";
import type { StatementValues } from "./statement-values.ts";

/** What a commit changes beside its lanes. */
export interface Changes extends RowChanges {
  readonly entries: readonly NewProjectionEntry[];
  readonly settled: readonly EntryRef[];
}

/** Where it is changed. */
export interface ChangedPlace {
  readonly projection: string;
  readonly generation: number;
  readonly entries: string;
  /** The table of documents, as SQL names it, and the sequence of their versions; nothing where there are none. */
  readonly documents: { readonly kept: KeptDocuments; readonly table: string; readonly versions: string } | undefined;
}

/** Errors: `invalid-argument` for what is not for a projection of this kind. */
export function refuseOtherKind(
  { puts, deletes, work }: RowChanges & { readonly work?: unknown },
  { projection, documents }: Pick<KeptGeneration, "projection" | "documents">,
): void {
  if (documents === undefined && puts.length + deletes.length > 0)
    throw new InvalidArgument("documents", `left out for projection ${projection}, which makes tables by SQL of its own`, projection);
  if (documents !== undefined && work !== undefined) throw new InvalidArgument("work", "left out for a projection of documents", work);
}

/**
 * The parts of a statement that make changes, each to be one of its `WITH`. Rows come in bulk, column by column.
 *
 * @param guard What each selects from first: nothing is changed where it has no row.
 */
export function changesSql(changes: Changes, place: ChangedPlace, { values, guard }: Binding): readonly string[] {
  const entries = [...new Map(changes.entries.map((entry) => [entryId(entry), entry])).values()];
  const replaced = new Set(entries.map(entryId));
  const settled = changes.settled.filter((ref) => !replaced.has(entryId(ref)));
  const binding = { values, guard };
  return [
    ...(changes.puts.length > 0 ? [`put AS (${putSql(changes, place, binding)})`] : []),
    ...(changes.deletes.length > 0 ? [`gone AS (${deleteSql(changes, place, binding)})`] : []),
    ...(entries.length > 0 ? [`entered AS (${entriesSql(entries, place, binding)})`] : []),
    ...(settled.length > 0 ? [`settled AS (${settledSql(settled, place, binding)})`] : []),
  ];
}

interface Binding {
  readonly values: StatementValues;
  readonly guard: string | undefined;
}

type Held = string | number | boolean | null | undefined;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly held: readonly Held[];
}

/** Rows of several columns, as what stands behind FROM. */
function rowsSql(columns: readonly Column[], { values, guard }: Binding): string {
  const arrays = columns.map((column) => values.bind(textArray(column.held.map(textOf)), "text[]"));
  const rows = `unnest(${arrays.join(", ")}) AS u(${columns.map(({ name }) => quoted(name)).join(", ")})`;
  return guard === undefined ? rows : `${guard} CROSS JOIN ${rows}`;
}

function textOf(value: Held): string | null {
  return value === null || value === undefined ? null : String(value);
}

function held({ name, type }: Column): string {
  return `u.${quoted(name)}${type === "text" ? "" : `::${type}`}`;
}

/** The version is drawn again when the row that is there is locked, so that no later state has a lesser one. */
function putSql({ puts }: RowChanges, { documents }: ChangedPlace, binding: Binding): string {
  if (documents === undefined) return "SELECT 1";
  const { kept, table, versions } = documents;
  const fields = Object.entries(kept.fields).map(([name, type]): Column => ({
    name,
    type: COLUMN_TYPES[type],
    held: puts.map(({ values }) => values[name]),
  }));
  const columns = [...fields, { name: "_item", type: "json", held: puts.map(({ json }) => json) }];
  const next = `nextval('${versions.replaceAll("'", "''")}')`;
  const changes = columns.filter(({ name }) => !kept.key.includes(name)).map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  return (
    `INSERT INTO ${table} AS t (${[...columns.map(({ name }) => quoted(name)), "_version"].join(", ")}) ` +
    `SELECT ${[...columns.map(held), next].join(", ")} FROM ${rowsSql(columns, binding)} ` +
    `ON CONFLICT (${kept.key.map(quoted).join(", ")}) DO UPDATE SET ${[...changes, `_version = ${next}`].join(", ")}`
  );
}

function deleteSql({ deletes }: RowChanges, { documents }: ChangedPlace, binding: Binding): string {
  if (documents === undefined) return "SELECT 1";
  const { kept, table } = documents;
  const columns = keyColumns(kept, deletes);
  const isSame = columns.map((column) => `t.${quoted(column.name)} = ${held(column)}`).join(" AND ");
  return `DELETE FROM ${table} t USING ${rowsSql(columns, binding)} WHERE ${isSame}`;
}

/** The statement that finds items by key: their texts in the order of the keys; and first in each row what `told` says of the first of them. */
export function documentsSql(kept: KeptDocuments, table: string, { keys, values, told }: WantedRows): string {
  const columns = keyColumns(kept, keys);
  const arrays = columns.map((column) => values.bind(textArray(column.held.map(textOf)), "text[]"));
  const isSame = columns.map((column) => `t.${quoted(column.name)} = ${held(column)}`).join(" AND ");
  return (
    `SELECT CASE WHEN u._nth = 1 THEN ${told} END, t._item FROM unnest(${arrays.join(", ")}) ` +
    `WITH ORDINALITY AS u(${[...columns.map(({ name }) => quoted(name)), "_nth"].join(", ")}) LEFT JOIN ${table} t ON ${isSame} ORDER BY u._nth`
  );
}

interface WantedRows {
  readonly keys: RowChanges["deletes"];
  readonly values: StatementValues;
  readonly told: string;
}

function keyColumns({ key, fields }: KeptDocuments, keys: RowChanges["deletes"]): readonly Column[] {
  return key.map((name, nth) => ({ name, type: COLUMN_TYPES[fields[name] ?? "string"], held: keys.map((parts) => parts[nth]) }));
}

/** One that stays in its state is in it since then. */
function entriesSql(entries: readonly NewProjectionEntry[], place: ChangedPlace, binding: Binding): string {
  const columns: readonly Column[] = [
    { name: "position", type: "bigint", held: entries.map(({ position }) => position) },
    { name: "key", type: "text", held: entries.map(({ key }) => keptKey(key)) },
    { name: "state", type: "text", held: entries.map(({ state }) => state) },
    { name: "attempts", type: "integer", held: entries.map(({ attempts }) => attempts) },
    { name: "error", type: "text", held: entries.map(({ error }) => withoutNul(error.slice(0, MAX_ERROR_LENGTH).toWellFormed())) },
    { name: "size", type: "integer", held: entries.map(({ size }) => size) },
  ];
  const changes = ["state", "attempts", "error", "size"].map((name) => `${name} = excluded.${name}`);
  return (
    `INSERT INTO ${place.entries} AS e (projection, generation, ${columns.map(({ name }) => name).join(", ")}, since) ` +
    `SELECT ${ofGeneration(place, binding)}, ${columns.map(held).join(", ")}, clock_timestamp() FROM ${rowsSql(columns, binding)} ` +
    `ON CONFLICT (projection, generation, hashtextextended(key, 0), position) DO UPDATE SET ${changes.join(", ")}, ` +
    `since = CASE WHEN e.state = excluded.state THEN e.since ELSE excluded.since END`
  );
}

function settledSql(settled: readonly EntryRef[], place: ChangedPlace, binding: Binding): string {
  const [projection, generation] = ofGeneration(place, binding).split(", ");
  const columns: readonly Column[] = [
    { name: "position", type: "bigint", held: settled.map(({ position }) => position) },
    { name: "key", type: "text", held: settled.map(({ key }) => keptKey(key)) },
  ];
  return (
    `DELETE FROM ${place.entries} e USING ${rowsSql(columns, binding)} WHERE e.projection = ${projection} AND e.generation = ${generation} ` +
    `AND e.position = u.position::bigint AND hashtextextended(e.key, 0) = hashtextextended(u.key, 0) AND e.key = u.key`
  );
}

function ofGeneration({ projection, generation }: ChangedPlace, { values }: Binding): string {
  return `${values.bind(projection, "text")}, ${values.bind(generation, "integer")}`;
}
