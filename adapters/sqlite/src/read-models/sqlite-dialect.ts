import type { SqlDialect } from "@reactive-domain/persistence/adapter";

/** Text is compared by its bytes, which is by code point; nothing is less than everything. */
export const SQLITE_DIALECT: SqlDialect = {
  column: quoted,
  placeholder: () => "?",
  value: (value) => (typeof value === "boolean" ? Number(value) : value),
  isOther: "IS NOT",
  contains: (column, part) => `instr(${column}, ${part}) > 0`,
  order: (column, { direction }) => (direction === "desc" ? `${column} DESC` : column),
};

/** A name as SQL writes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
