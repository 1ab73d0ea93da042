import type { RowSamples, TableComparison } from "@reactive-domain/persistence";
import type { SqlThread } from "../../sql-thread.ts";
import { quoted } from "../sqlite-dialect.ts";

/** The same table of two generations: one that has none of the name is `undefined`. */
export interface ComparedTable {
  readonly name: string;
  readonly sides: readonly [one: string | undefined, other: string | undefined];
  /** Items by the fields of a key; items; or rows of all columns. */
  readonly of: { readonly key: readonly string[] } | "items" | "rows";
}

type Surplus = readonly [onlyOne: RowSamples, onlyOther: RowSamples];

const NOTHING: RowSamples = { count: 0, samples: [] };

/** Holds the rows of a table against each other, within a transaction of the thread. */
export async function compareRows(thread: SqlThread, { name, sides, of }: ComparedTable, samples: number): Promise<TableComparison> {
  const [one, other] = sides;
  const rows = [await count(thread, one), await count(thread, other)] as const;
  const [onlyOne, onlyOther] =
    typeof of === "object" && one !== undefined && other !== undefined
      ? await byKey(thread, { one, other, key: of.key }, samples)
      : await byAllColumns(thread, { sides, columns: of === "rows" ? await columnsOf(thread, sides) : ITEMS }, samples);
  return { table: name, rows, onlyOne, onlyOther };
}

async function count(thread: SqlThread, table: string | undefined): Promise<number> {
  return table === undefined ? 0 : thread.value<number>(`SELECT count(*) FROM ${quoted(table)}`);
}

interface Keyed {
  readonly one: string;
  readonly other: string;
  readonly key: readonly string[];
}

async function byKey(thread: SqlThread, { one, other, key }: Keyed, samples: number): Promise<Surplus> {
  const same = ["_item", ...key].map((column) => `there.${quoted(column)} = here.${quoted(column)}`).join(" AND ");
  const only = async (here: string, there: string): Promise<RowSamples> => {
    const from = `FROM ${quoted(here)} AS here WHERE NOT EXISTS (SELECT 1 FROM ${quoted(there)} AS there WHERE ${same})`;
    const missing = await thread.value<number>(`SELECT count(*) ${from}`);
    if (missing === 0 || samples === 0) return { count: missing, samples: [] };
    const order = key.map((column) => `here.${quoted(column)}`).join(", ");
    const items = await thread.all<{ readonly _item: string }>(`SELECT _item ${from} ORDER BY ${order} LIMIT ?`, samples);
    return { count: missing, samples: items.map(({ _item }) => _item) };
  };
  return [await only(one, other), await only(other, one)];
}

/** Columns that are compared, by what each table has; and how one row is told. */
interface Columns {
  readonly names: readonly string[];
  readonly has: (table: string, column: string) => boolean;
  readonly told: (row: Readonly<Record<string, unknown>>) => string;
}

const ITEMS: Columns = { names: ["_item"], has: () => true, told: ({ _item }) => String(_item) };

async function columnsOf(thread: SqlThread, sides: ComparedTable["sides"]): Promise<Columns> {
  const known = new Map<string, ReadonlySet<string>>();
  for (const table of sides) if (table !== undefined) known.set(table, new Set(await columnNames(thread, table)));
  const names = [...new Set([...known.values()].flatMap((columns) => Array.from(columns)))];
  return { names, has: (table, column) => known.get(table)?.has(column) ?? false, told: (row) => JSON.stringify(row, bytesAsHex) };
}

async function columnNames(thread: SqlThread, table: string): Promise<readonly string[]> {
  const rows = await thread.all<{ readonly name: string }>("SELECT name FROM pragma_table_info(?)", table);
  return rows.map(({ name }) => name);
}

function bytesAsHex(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}

interface Unkeyed {
  readonly sides: ComparedTable["sides"];
  readonly columns: Columns;
}

/** Counts rows that are the same, and takes those of the one side from those of the other: a row is there as often as it is. */
async function byAllColumns(thread: SqlThread, { sides: [one, other], columns }: Unkeyed, samples: number): Promise<Surplus> {
  const { names, has, told } = columns;
  const side = (table: string | undefined, weight: number): readonly string[] => {
    if (table === undefined) return [];
    const values = names.map((column) => (has(table, column) ? `${quoted(column)} COLLATE BINARY` : "NULL") + ` AS ${quoted(column)}`);
    return [`SELECT ${[...values, `${weight} AS _projection_side`].join(", ")} FROM ${quoted(table)}`];
  };
  const both = [...side(one, 1), ...side(other, -1)].join(" UNION ALL ");
  const list = names.map(quoted).join(", ");
  const surplus = `(SELECT ${list}, sum(_projection_side) AS _projection_surplus FROM (${both}) GROUP BY ${list} HAVING sum(_projection_side) <> 0)`;
  const only = async (sign: 1 | -1): Promise<RowSamples> => {
    const from = `FROM ${surplus} WHERE _projection_surplus * ${sign} > 0`;
    const missing = await thread.value<number | null>(`SELECT sum(abs(_projection_surplus)) ${from}`);
    if (missing === null) return NOTHING;
    if (samples === 0) return { count: missing, samples: [] };
    const rows = await thread.all<Readonly<Record<string, unknown>>>(
      `SELECT ${list}, abs(_projection_surplus) AS _projection_surplus ${from} LIMIT ?`,
      samples,
    );
    return { count: missing, samples: rows.flatMap((row) => repeated(row, told)).slice(0, samples) };
  };
  return [await only(1), await only(-1)];
}

function repeated({ _projection_surplus: times, ...row }: Readonly<Record<string, unknown>>, told: Columns["told"]): readonly string[] {
  return Array.from({ length: Number(times) }, () => told(row));
}
