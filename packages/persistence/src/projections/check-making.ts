import { InvalidArgument } from "@reactive-domain/core";
import type { ProjectionMaking } from "./projection-store.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const TABLE = /^[a-z][a-z0-9_]*$/;
const MAX_NAME_LENGTH = 40;
const MAX_TABLES = 20;
const MAX_VERSION = 999_999;

/** Errors: `invalid-argument`. */
export function checkProjectionName(name: unknown): void {
  if (typeof name !== "string" || name.length > MAX_NAME_LENGTH || !NAME.test(name))
    throw new InvalidArgument("name", `at most ${MAX_NAME_LENGTH} small letters, digits and single dashes, a letter first`, name);
}

/** Errors: `invalid-argument`. */
export function checkMaking<C>({ name, version, shape }: ProjectionMaking<C>): void {
  checkProjectionName(name);
  if (!Number.isSafeInteger(version) || version < 1 || version > MAX_VERSION)
    throw new InvalidArgument("version", `an integer from 1 to ${MAX_VERSION}`, version);
  if (shape.kind === "tables") checkTables(shape.tables);
}

function checkTables(tables: readonly string[]): void {
  if (!Array.isArray(tables) || tables.length === 0 || tables.length > MAX_TABLES)
    throw new InvalidArgument("tables", `a list of 1 to ${MAX_TABLES} names`, tables);
  for (const [index, table] of (tables as readonly unknown[]).entries()) {
    if (typeof table !== "string" || table.length > MAX_NAME_LENGTH || !TABLE.test(table) || table.includes("__"))
      throw new InvalidArgument(
        "The name of a table",
        `at most ${MAX_NAME_LENGTH} small letters, digits and single underscores, a letter first`,
        table,
      );
    if (tables.indexOf(table) !== index) throw new InvalidArgument("The name of a table", "there once", table);
  }
}
