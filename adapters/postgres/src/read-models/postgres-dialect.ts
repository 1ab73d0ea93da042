import type { SqlDialect } from "@reactive-domain/persistence/adapter";
import { quoted } from "../schema/names.ts";

/** The types of columns and of what is compared with them. */
export const COLUMN_TYPES = { string: "text", number: "double precision", boolean: "boolean", bigint: "bigint" } as const;

/** Text columns have the collation "C", which compares by code point. Other things than in SQLite, nothing is more than everything unless it is said. */
export const POSTGRES_DIALECT: SqlDialect = {
  column: quoted,
  placeholder: (nth, type) => `$${nth}::${COLUMN_TYPES[type]}`,
  value: (value) => value,
  isOther: "IS DISTINCT FROM",
  contains: (column, part) => `strpos(${column}, ${part}) > 0`,
  // Who says where nothing comes in the key's order is not served by the index of the primary key.
  order: (column, { direction, isKey }) =>
    isKey ? `${column} ${direction.toUpperCase()}` : `${column} ${direction === "desc" ? "DESC NULLS LAST" : "ASC NULLS FIRST"}`,
};
