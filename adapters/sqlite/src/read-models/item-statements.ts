import {
  countSql,
  listingSql,
  type BoundSql,
  type FoundItems,
  type ListingTable,
  type ReadModelRow,
  type ReadModelShape,
} from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { SQLITE_DIALECT, quoted } from "./sqlite-dialect.ts";
import { tableNameOf } from "./make-table.ts";

type Scalar = ReadModelRow["key"][number];
type ListingPlan = Parameters<typeof listingSql>[0];

interface KeptRow {
  readonly json: string;
  readonly version: number;
}

/** Statements of listings differ as questions do: as many are kept, and no more. */
const MAX_KEPT_LISTINGS = 50;

/** What is done with the items of a definition on a connection, in whatever transaction it is in. Changes need one that writes. */
export class ItemStatements {
  readonly #database: Database;
  readonly #place: ListingTable;
  readonly #get: Statement<unknown[], KeptRow>;
  readonly #version: Statement<unknown[], number>;
  readonly #raise: Statement<[number, string, number]>;
  readonly #raiseProjected: Statement<[number, string, number]>;
  readonly #put: Statement<unknown[], number>;
  readonly #delete: Statement<unknown[], number>;
  readonly #listings = new Map<string, Statement>();
  readonly #shape: ReadModelShape;
  readonly #fields: readonly string[];

  constructor(database: Database, shape: ReadModelShape) {
    const { listing } = shape;
    const table = quoted(tableNameOf(shape));
    const hasKey = listing.key.map((field) => `${quoted(field)} = ?`).join(" AND ");
    this.#database = database;
    this.#shape = shape;
    this.#fields = Object.keys(listing.fields);
    this.#place = { table, columns: "_item", rules: listing, dialect: SQLITE_DIALECT };
    this.#get = database.prepare<unknown[], KeptRow>(`SELECT _item AS json, _version AS version FROM ${table} WHERE ${hasKey}`);
    this.#version = database.prepare<unknown[], number>(`SELECT _version FROM ${table} WHERE ${hasKey}`).pluck();
    this.#put = database.prepare<unknown[], number>(putSql(table, listing)).pluck();
    this.#raise = database.prepare<[number, string, number]>(
      "UPDATE read_models SET last_version = max(last_version, ?) WHERE name = ? AND schema_version = ?",
    );
    this.#raiseProjected = database.prepare<[number, string, number]>(
      "UPDATE read_models SET last_version = max(last_version, ?) WHERE name = ? AND schema_version = ? AND projection IS NOT NULL",
    );
    this.#delete = database.prepare<unknown[], number>(`DELETE FROM ${table} WHERE ${hasKey} RETURNING _version`).pluck();
  }

  get(key: readonly Scalar[]): KeptRow | undefined {
    return this.#get.get(...bound(key));
  }

  /** `null` where there is no item. */
  versionOf(key: readonly Scalar[]): number | null {
    return this.#version.get(...bound(key)) ?? null;
  }

  /** The version that the item has now: greater than its last, and than all that deleted ones had. */
  put({ values, json }: ReadModelRow): number {
    const { name, schemaVersion } = this.#shape;
    const version = this.#put.get(...bound(this.#fields.map((field) => values[field] ?? null)), name, schemaVersion, json) as number;
    // Another generation may have the item, too: it must not get this version.
    this.#raiseProjected.run(version, name, schemaVersion);
    return version;
  }

  delete(key: readonly Scalar[]): boolean {
    const version = this.#delete.get(...bound(key));
    if (version === undefined) return false;
    this.#raise.run(version, this.#shape.name, this.#shape.schemaVersion);
    return true;
  }

  find(plan: ListingPlan): FoundItems {
    const page = listingSql(plan, this.#place);
    const found = this.#listing(page).all(...page.values) as string[];
    if (!plan.wantsTotal) return { found };
    const count = countSql(plan, this.#place);
    return { found, total: this.#listing(count).get(...count.values) as number };
  }

  #listing({ text }: BoundSql): Statement {
    const known = this.#listings.get(text) ?? this.#database.prepare(text).pluck();
    this.#listings.delete(text);
    this.#listings.set(text, known);
    const [oldest] = this.#listings.keys();
    if (this.#listings.size > MAX_KEPT_LISTINGS && oldest !== undefined) this.#listings.delete(oldest);
    return known;
  }
}

function putSql(table: string, { fields, key }: ReadModelShape["listing"]): string {
  const names = Object.keys(fields);
  // The key is what it was: to set it would write its index again.
  const changes = names.filter((field) => !key.includes(field)).map((field) => `${quoted(field)} = excluded.${quoted(field)}`);
  const places = [...names.map(() => "?"), "1 + (SELECT last_version FROM read_models WHERE name = ? AND schema_version = ?)", "?"];
  const updates = [...changes, "_version = max(_version + 1, excluded._version)", "_item = excluded._item"];
  return (
    `INSERT INTO ${table} (${[...names.map(quoted), "_version", "_item"].join(", ")}) VALUES (${places.join(", ")}) ` +
    `ON CONFLICT (${key.map(quoted).join(", ")}) DO UPDATE SET ${updates.join(", ")} RETURNING _version`
  );
}

/** Values as statements take them. */
export function bound(values: readonly (Scalar | null)[]): unknown[] {
  return values.map((value) => (value === null ? null : SQLITE_DIALECT.value(value)));
}
