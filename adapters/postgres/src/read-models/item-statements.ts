import {
  countSql,
  listingSql,
  type ChangeOutcome,
  type DeleteOutcome,
  type FoundItems,
  type ListingTable,
  type ReadModelRow,
  type ReadModelShape,
} from "@reactive-domain/persistence/adapter";
import type { ExpectedItemVersion } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run, type Database, type Statement } from "../database.ts";
import { quoted } from "../schema/names.ts";
import { COLUMN_TYPES, POSTGRES_DIALECT } from "./postgres-dialect.ts";
import type { TableNames } from "./table-names.ts";

type Key = ReadModelRow["key"];
type ListingPlan = Parameters<typeof listingSql>[0];

/** A commit that is acknowledged before it is on the disk is none. */
export const DURABLE = "CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END";

/** What is done with the items of a definition on a connection, in whatever transaction it is in. Errors: PostgreSQL's own. */
export class ItemStatements {
  readonly #place: ListingTable;
  readonly #get: Statement;
  readonly #versionOf: Statement;
  readonly #puts: Readonly<Record<"any" | "none" | "exact", Statement>>;
  readonly #deletes: Readonly<Record<"any" | "exact", Statement>>;

  /** The plans of listings are not kept: there are as many as questions. */
  constructor(database: Pick<Database, "kept">, names: TableNames, shape: ReadModelShape) {
    const { listing } = shape;
    const { table } = names;
    const kept = (text: string): Statement => database.kept(text);
    const hasKey = listing.key.map((field, index) => `t.${quoted(field)} = $${index + 1}::${typeOf(listing, field)}`).join(" AND ");
    const isAt = `t._version = $${listing.key.length + 1}::bigint`;
    this.#place = { table, columns: "_item", rules: listing, dialect: POSTGRES_DIALECT };
    this.#get = kept(`SELECT t._item, t._version FROM ${table} t WHERE ${hasKey}`);
    this.#versionOf = kept(`SELECT t._version FROM ${table} t WHERE ${hasKey}`);
    this.#puts = {
      any: kept(putSql(names, listing, "any")),
      none: kept(putSql(names, listing, "none")),
      exact: kept(updateSql(names, listing)),
    };
    this.#deletes = {
      any: kept(`DELETE FROM ${table} t WHERE ${hasKey} RETURNING ${DURABLE}`),
      exact: kept(`DELETE FROM ${table} t WHERE ${hasKey} AND ${isAt} RETURNING ${DURABLE}`),
    };
  }

  async get(client: PoolClient, key: Key): Promise<{ readonly json: string; readonly version: number } | undefined> {
    const [row] = await run(client, this.#get, key);
    return row && { json: row[0] ?? "null", version: Number(row[1]) };
  }

  /** `null` where there is no item. */
  async versionOf(client: PoolClient, key: Key): Promise<number | null> {
    const [row] = await run(client, this.#versionOf, key);
    return row === undefined ? null : Number(row[0]);
  }

  async put(client: PoolClient, { key, values, json }: ReadModelRow, expected: ExpectedItemVersion): Promise<ChangeOutcome> {
    for (;;) {
      const held = Object.keys(this.#place.rules.fields).map((field) => values[field] ?? null);
      const bound = [...held, json, ...(typeof expected === "number" ? [expected] : [])];
      const [row] = await run(client, this.#puts[typeof expected === "number" ? "exact" : expected], bound);
      if (row !== undefined) return { version: Number(row[0]) };
      const actual = await this.versionOf(client, key);
      // One that was there when this one should be put, and was deleted meanwhile, is in nobody's way.
      if (actual !== null || expected !== "none") return { actual };
    }
  }

  async delete(client: PoolClient, key: Key, expected: ExpectedItemVersion): Promise<DeleteOutcome> {
    if (expected === "none") {
      const actual = await this.versionOf(client, key);
      return actual === null ? { existed: false } : { actual };
    }
    const rows = await (expected === "any" ? run(client, this.#deletes.any, key) : run(client, this.#deletes.exact, [...key, expected]));
    if (rows.length > 0 || expected === "any") return { existed: rows.length > 0 };
    return { actual: await this.versionOf(client, key) };
  }

  /** Both of what is found and of how many there are, where that is wanted: of one moment within a transaction that keeps to one. */
  async find(client: PoolClient, plan: ListingPlan): Promise<FoundItems> {
    const page = listingSql(plan, this.#place);
    const rows = await run(client, page.text, page.values);
    const found = rows.map(([json]) => json ?? "null");
    if (!plan.wantsTotal) return { found };
    const count = countSql(plan, this.#place);
    const [row] = await run(client, count.text, count.values);
    return { found, total: Number(row?.[0]) };
  }
}

type Listing = ReadModelShape["listing"];

function typeOf({ fields }: Listing, field: string): string {
  const type = fields[field];
  return type === undefined ? "text" : COLUMN_TYPES[type];
}

/** The version is drawn when the row that is there is locked, so that no later state has a lesser one. */
function putSql({ table, versions }: TableNames, listing: Listing, expected: "any" | "none"): string {
  const fields = Object.keys(listing.fields);
  const places = fields.map((field, index) => `$${index + 1}::${typeOf(listing, field)}`);
  const changes = [...fields.map(quoted), "_item"].map((column) => `${column} = excluded.${column}`);
  const next = `nextval('${versions.replaceAll("'", "''")}')`;
  const action = expected === "any" ? `DO UPDATE SET ${changes.join(", ")}, _version = ${next}` : "DO NOTHING";
  return (
    `INSERT INTO ${table} AS t (${[...fields.map(quoted), "_item", "_version"].join(", ")}) ` +
    `VALUES (${[...places, `$${fields.length + 1}::json`, next].join(", ")}) ` +
    `ON CONFLICT (${listing.key.map(quoted).join(", ")}) ${action} RETURNING t._version, ${DURABLE}`
  );
}

function updateSql({ table, versions }: TableNames, listing: Listing): string {
  const fields = Object.keys(listing.fields);
  const place = (field: string): string => `$${fields.indexOf(field) + 1}::${typeOf(listing, field)}`;
  const changes = fields.filter((field) => !listing.key.includes(field)).map((field) => `${quoted(field)} = ${place(field)}`);
  const all = [...changes, `_item = $${fields.length + 1}::json`, `_version = nextval('${versions.replaceAll("'", "''")}')`];
  const conditions = [...listing.key.map((field) => `t.${quoted(field)} = ${place(field)}`), `t._version = $${fields.length + 2}::bigint`];
  return `UPDATE ${table} t SET ${all.join(", ")} WHERE ${conditions.join(" AND ")} RETURNING t._version, ${DURABLE}`;
}
