import { InvalidArgument } from "@reactive-domain/core";
import type { Pool } from "pg";
import type { PostgresStoreOptions } from "./postgres-store-options.ts";

/** Options with what a URL says and with defaults. */
export interface StoreSettings {
  readonly schema: string;
  readonly tablePrefix: string;
  readonly autoMigrate: boolean;
  readonly maxConnections: number;
  readonly listen: boolean;
  readonly pollIntervalMs: number;
  readonly prepare: boolean;
  readonly retryForMs: number;
  readonly partitionSize: number | undefined;
}

const LEAST_PARTITION = 1_000;
const MAX_MS = 2 ** 31 - 1;
const SCHEMA = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
/** The longest name of the store's own has 28 characters, and PostgreSQL's names 63 at most. */
const TABLE_PREFIX = /^([A-Za-z_][A-Za-z0-9_]{0,30})?$/;

/** Errors: `invalid-argument`. */
export function checkStoreOptions(where: string | Pool, options: PostgresStoreOptions): StoreSettings {
  checkWhere(where);
  if (typeof options !== "object" || options === null) throw new InvalidArgument("options", "an object", options);
  const told = typeof where === "string" ? toldBy(where) : {};
  const { autoMigrate = true, listen = true, prepare = true, maxConnections = 10, retryForMs = 30_000, partitionSize } = options;
  const { schema = told.schema ?? "reactive_domain", tablePrefix = told.tablePrefix ?? "", pollIntervalMs = listen ? 1_000 : 50 } = options;
  if (typeof schema !== "string" || !SCHEMA.test(schema))
    throw new InvalidArgument("schema", "a name of 1 to 63 letters, digits and underscores that begins with no digit", schema);
  if (typeof tablePrefix !== "string" || !TABLE_PREFIX.test(tablePrefix))
    throw new InvalidArgument("tablePrefix", "at most 31 letters, digits and underscores that begin with no digit", tablePrefix);
  checkFlags({ autoMigrate, listen, prepare });
  const needed = listen ? 3 : 2;
  checkNumber("maxConnections", maxConnections, needed, 10_000);
  checkPool(where, needed);
  checkNumber("pollIntervalMs", pollIntervalMs, 1, MAX_MS);
  checkNumber("retryForMs", retryForMs, 0, MAX_MS);
  if (partitionSize !== undefined) checkNumber("partitionSize", partitionSize, LEAST_PARTITION, Number.MAX_SAFE_INTEGER);
  return { schema, tablePrefix, autoMigrate, maxConnections, listen, pollIntervalMs, prepare, retryForMs, partitionSize };
}

function checkWhere(where: unknown): void {
  const isUrl = typeof where === "string" && /^postgres(ql)?:\/\//.test(where);
  const isPool = typeof where === "object" && where !== null && "connect" in where && "totalCount" in where;
  const shown = typeof where === "string" ? schemeOf(where) : where;
  if (!isUrl && !isPool) throw new InvalidArgument("where", "a URL like postgres://user@host/database, or a Pool of pg", shown);
}

/** One connection may listen for as long as the store is open, and one write for as long as there is something to write. */
function checkPool(where: string | Pool, needed: number): void {
  if (typeof where === "string" || where.options.max >= needed) return;
  throw new InvalidArgument(
    "where",
    `a pool of at least ${needed} connections`,
    where.options.max,
    "One may listen, and one write, all the time.",
  );
}

/** All that may be shown of what is no URL, and holds a password somewhere. */
export function schemeOf(text: string): string {
  return `${/^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ""}…`;
}

function toldBy(url: string): { readonly schema?: string | undefined; readonly tablePrefix?: string | undefined } {
  const parameters = new URLSearchParams(url.split("?")[1] ?? "");
  return { schema: parameters.get("schema") ?? undefined, tablePrefix: parameters.get("tablePrefix") ?? undefined };
}

function checkFlags(flags: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(flags))
    if (typeof value !== "boolean") throw new InvalidArgument(name, "true or false", value);
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new InvalidArgument(name, `an integer from ${least} to ${most}`, value);
}
