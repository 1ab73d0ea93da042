import type { GenerationComparison, GenerationPair, RowSamples, TableComparison } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run } from "../../database.ts";
import { inTransaction, ONE_MOMENT } from "../../in-transaction.ts";
import { quoted } from "../../schema/names.ts";
import { isMissing } from "./is-missing.ts";
import { generationIn, type KeptGeneration, type KeptProjection } from "./kept-projection.ts";
import type { ProjectionPlace } from "./projection-place.ts";

interface Sides {
  readonly table: string;
  readonly isOfDocuments: boolean;
  /** As SQL names them; nothing where a generation has no such table. */
  readonly one: string | undefined;
  readonly other: string | undefined;
}

/** Holds generations against each other, at one moment. Errors: `projection-not-found`, PostgreSQL's own. */
export async function compareGenerations(
  client: PoolClient,
  place: ProjectionPlace,
  { name, one, other, samples }: Required<GenerationPair> & { readonly name: string },
): Promise<GenerationComparison> {
  for (;;) {
    const before = await place.get(client, name);
    const sides = sidesOf(place, generationIn(before, one, place.where), generationIn(before, other, place.where));
    try {
      const tables = await compareAt(client, place, { before, sides, samples });
      if (tables !== undefined) return { tables };
    } catch (error) {
      // Under the name of a table there was none: it may have another one by now.
      if (!isMissing(error) || (await place.get(client, name)).record.revision === before.record.revision) throw error;
    }
  }
}

interface Comparing {
  readonly before: KeptProjection;
  readonly sides: readonly Sides[];
  readonly samples: number;
}

/** Nothing where the projection has been changed before its tables were locked: they may have other names. */
async function compareAt(
  client: PoolClient,
  place: ProjectionPlace,
  { before, sides, samples }: Comparing,
): Promise<readonly TableComparison[] | undefined> {
  const { name, revision } = before.record;
  const tables = new Set(sides.flatMap(({ one, other }) => [one, other]).filter((table) => table !== undefined));
  // Locked before anything is read, so that they have the same names at the moment that is read.
  return inTransaction(client, `${ONE_MOMENT}; LOCK TABLE ${[...tables].join(", ")} IN ACCESS SHARE MODE`, async () => {
    if ((await place.get(client, name)).record.revision !== revision) return undefined;
    const compared: TableComparison[] = [];
    for (const each of sides) compared.push(await compareTable(client, each, samples));
    return compared;
  });
}

function sidesOf(place: ProjectionPlace, one: KeptGeneration, other: KeptGeneration): readonly Sides[] {
  if (one.documents !== undefined)
    return [
      { table: one.documents.name, isOfDocuments: true, one: place.whole(one.tables[0] ?? ""), other: place.whole(other.tables[0] ?? "") },
    ];
  const named = ({ own, tables }: KeptGeneration): ReadonlyMap<string, string> =>
    new Map(own.map((name, nth) => [name, place.whole(tables[nth] ?? "")]));
  const [first, second] = [named(one), named(other)];
  return [...new Set([...first.keys(), ...second.keys()])].map((table) => ({
    table,
    isOfDocuments: false,
    one: first.get(table),
    other: second.get(table),
  }));
}

async function compareTable(client: PoolClient, { table, isOfDocuments, one, other }: Sides, samples: number): Promise<TableComparison> {
  const [first, second] = isOfDocuments ? [itemsSql(one), itemsSql(other)] : [await rowsSql(client, one), await rowsSql(client, other)];
  const missing = (side: string, there: string, nth: number): string =>
    `d${nth} AS MATERIALIZED (SELECT text FROM ${side} EXCEPT ALL SELECT text FROM ${there})`;
  const told = (side: string): string =>
    `(SELECT count(*) FROM ${side}), (SELECT json_agg(s.text) FROM (SELECT text FROM ${side} ORDER BY text LIMIT $1) s)`;
  const [row] = await run(
    client,
    `WITH one AS MATERIALIZED (${first}), other AS MATERIALIZED (${second}), ${missing("one", "other", 1)}, ${missing("other", "one", 2)}
     SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM other), ${told("d1")}, ${told("d2")}`,
    [samples],
  );
  const [rows, otherRows, onlyOne, oneSamples, onlyOther, otherSamples] = row ?? [];
  return {
    table,
    rows: [Number(rows), Number(otherRows)],
    onlyOne: samplesOf(onlyOne, oneSamples),
    onlyOther: samplesOf(onlyOther, otherSamples),
  };
}

function samplesOf(count: string | null | undefined, texts: string | null | undefined): RowSamples {
  return { count: Number(count), samples: typeof texts === "string" ? (JSON.parse(texts) as readonly string[]) : [] };
}

function itemsSql(table: string | undefined): string {
  return `SELECT _item::text COLLATE "C" AS text FROM ${table}`;
}

/** Each row as JSON of all columns, by name. */
async function rowsSql(client: PoolClient, table: string | undefined): Promise<string> {
  if (table === undefined) return `SELECT NULL::text COLLATE "C" AS text WHERE false`;
  const columns = await run(
    client,
    "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname",
    [table],
  );
  const names = columns.map(([name]) => quoted(name ?? "")).join(", ");
  return `SELECT row_to_json(r)::text COLLATE "C" AS text FROM (SELECT ${names} FROM ${table}) r`;
}
