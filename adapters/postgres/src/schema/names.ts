import { createHash } from "node:crypto";

/** Every table, sequence and function of a store, as SQL names them: qualified and quoted. */
export interface Names {
  readonly schema: string;
  /** The name of a table, sequence or function. */
  readonly of: (name: string) => string;
  /** The bare name of an index, which lies in the schema of its table. */
  readonly index: (name: string) => string;
  /** What serialises the writers of this log: the key of an advisory lock, as SQL. */
  readonly lockKey: string;
  /** What writers of this log notify. */
  readonly channel: string;
}

export function namesOf(schema: string, tablePrefix: string): Names {
  const quotedSchema = quoted(schema);
  return {
    schema: quotedSchema,
    of: (name) => `${quotedSchema}.${quoted(tablePrefix + name)}`,
    index: (name) => quoted(tablePrefix + name),
    channel: `rd_${createHash("sha256").update(`${schema}.${tablePrefix}`).digest("base64url").slice(0, 20)}`,
    lockKey: `hashtextextended(${literal(`reactive-domain ${schema}.${tablePrefix}`)}, 0)`,
  };
}

/** A name as SQL writes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
