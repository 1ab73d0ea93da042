import type { KeptMaking, ReadModelRow, RowChanges } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { bound } from "../item-statements.ts";
import { quoted } from "../sqlite-dialect.ts";

export type DocumentMaking = Extract<KeptMaking, { readonly kind: "documents" }>;
type Key = ReadModelRow["key"];

/** The items of a generation, in whatever transaction the connection is in. */
export class DocumentTable {
  readonly #fields: readonly string[];
  readonly #making: DocumentMaking;
  readonly #get: Statement<unknown[], string>;
  readonly #put: Statement;
  readonly #delete: Statement;
  readonly #nextVersion: Statement<[string, number], number>;

  constructor(database: Database, making: DocumentMaking, name: string) {
    const table = quoted(name);
    const hasKey = making.key.map((field) => `${quoted(field)} = ?`).join(" AND ");
    this.#making = making;
    this.#fields = Object.keys(making.fields);
    this.#get = database.prepare<unknown[], string>(`SELECT _item FROM ${table} WHERE ${hasKey}`).pluck();
    this.#put = database.prepare(putSql(table, making));
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE ${hasKey}`);
    this.#nextVersion = database
      .prepare<[string, number], number>(
        "UPDATE read_models SET last_version = last_version + 1 WHERE name = ? AND schema_version = ? RETURNING last_version",
      )
      .pluck();
  }

  get(keys: readonly Key[]): readonly (string | undefined)[] {
    return keys.map((key) => this.#get.get(...bound(key)));
  }

  /** Items that are put together have one version, which none of the read model had in any generation. */
  change({ puts, deletes }: RowChanges): void {
    if (puts.length > 0) {
      const version = this.#nextVersion.get(this.#making.name, this.#making.schemaVersion);
      for (const { values, json } of puts) {
        const row = bound(this.#fields.map((field) => values[field] ?? null));
        row.push(version, json);
        this.#put.run(row);
      }
    }
    for (const key of deletes) this.#delete.run(...bound(key));
  }
}

function putSql(table: string, { fields, key }: DocumentMaking): string {
  const names = Object.keys(fields);
  const columns = [...names.map(quoted), "_version", "_item"];
  const changed = [...names.filter((field) => !key.includes(field)).map(quoted), "_version", "_item"];
  return (
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ` +
    `ON CONFLICT (${key.map(quoted).join(", ")}) DO UPDATE SET ${changed.map((column) => `${column} = excluded.${column}`).join(", ")}`
  );
}
