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
  /** As the catalogs of PostgreSQL tell it. */
  readonly bareTable: string;
  readonly table: string;
  /** The sequence that versions come from: one for all generations, so that no two states of an item have the same. */
  readonly versions: string;
  readonly #schema: string;
  readonly #base: string;

  /** @param generation Of a projection that is not live. */
  constructor(
    { schema, tablePrefix }: ReadModelPlace,
    { name, schemaVersion }: Pick<ReadModelShape, "name" | "schemaVersion">,
    generation?: number,
  ) {
    const plain = `${tablePrefix}${name.replaceAll("-", "_")}_v${schemaVersion}`;
    this.#schema = quoted(schema);
    this.#base = generation === undefined ? plain : `${plain}${generationSuffix(generation)}`;
    this.bareTable = bounded(this.#base);
    this.table = `${this.#schema}.${quoted(this.bareTable)}`;
    this.versions = `${this.#schema}.${quoted(bounded(`${plain}_versions`))}`;
  }

  /** The bare name of an index, which lies in the schema of its table, and with the schema; `told` by the catalogs of PostgreSQL. */
  index(fields: readonly string[]): { readonly told: string; readonly bare: string; readonly whole: string } {
    const told = bounded(`${this.#base}_ix_${hashOf(fields.join())}`);
    const bare = quoted(told);
    return { told, bare, whole: `${this.#schema}.${bare}` };
  }
}

/** What the names of a generation's tables end with that is not live. */
export function generationSuffix(generation: number): string {
  return `__g${generation}`;
}

/** A name that PostgreSQL does not cut: of one that is too long, the begin and a hash. */
export function bounded(name: string, length = MAX_NAME_LENGTH): string {
  return name.length <= length ? name : `${name.slice(0, length - HASH_LENGTH - 1)}_${hashOf(name)}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}
