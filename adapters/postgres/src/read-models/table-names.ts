import { createHash } from "node:crypto";
import type { ReadModelShape } from "@reactive-domain/persistence/adapter";
import { quoted } from "../schema/names.ts";

/** Where read models are kept. */
export interface ReadModelPlace {
  readonly schema: string;
  readonly tablePrefix: string;
}

/** PostgreSQL cuts names that are longer. */
const MAX_NAME_LENGTH = 63;
const HASH_LENGTH = 8;

/** The list of read models, as SQL names it. */
export function catalogName({ schema, tablePrefix }: ReadModelPlace): string {
  return `${quoted(schema)}.${quoted(`${tablePrefix}read_models`)}`;
}

/** The names of a read model's table and of what belongs to it, as SQL writes them. Names have dashes where those of tables have underscores. */
export class TableNames {
  readonly table: string;
  /** The sequence that versions come from. */
  readonly versions: string;
  readonly #schema: string;
  readonly #base: string;

  constructor({ schema, tablePrefix }: ReadModelPlace, { name, schemaVersion }: Pick<ReadModelShape, "name" | "schemaVersion">) {
    this.#schema = quoted(schema);
    this.#base = `${tablePrefix}${name.replaceAll("-", "_")}_v${schemaVersion}`;
    this.table = `${this.#schema}.${quoted(bounded(this.#base))}`;
    this.versions = `${this.#schema}.${quoted(bounded(`${this.#base}_versions`))}`;
  }

  /** The bare name of an index, which lies in the schema of its table, and with the schema. */
  index(fields: readonly string[]): { readonly bare: string; readonly whole: string } {
    const bare = quoted(bounded(`${this.#base}_ix_${hashOf(fields.join())}`));
    return { bare, whole: `${this.#schema}.${bare}` };
  }
}

function bounded(name: string): string {
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1)}_${hashOf(name)}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}
