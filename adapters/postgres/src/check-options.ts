import { InvalidArgument, shownUrl } from "@reactive-domain/core";
import type { Pool } from "pg";
import { ANSWER_TIMEOUT_MS } from "./database.ts";
import type { PostgresStoreOptions } from "./postgres-store-options.ts";

/** Which store of a database it is. */
export interface PlaceSettings {
  readonly schema: string;
  readonly tablePrefix: string;
}

/** Options with what a URL says and with defaults. */
export interface StoreSettings extends PlaceSettings {
  readonly readOnly: boolean;
  readonly autoMigrate: boolean;
  readonly maxConnections: number;
  readonly listen: boolean;
  readonly pollIntervalMs: number;
  readonly prepare: boolean;
  readonly retryForMs: number;
  readonly answerTimeoutMs: number;
  readonly partitionSize: number | undefined;
}

const LEAST_PARTITION = 1_000;
const MAX_MS = 2 ** 31 - 1;
const SCHEMA = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
/** The longest name of the store's own has 28 characters, and PostgreSQL's names 63 at most. */
const TABLE_PREFIX = /^([A-Za-z_][A-Za-z0-9_]{0,30})?$/;

/** Errors: `invalid-argument`. */
export function checkStoreOptions(where: string | Pool, options: PostgresStoreOptions): StoreSettings {
  const place = checkPlaceOptions(where, options);
  const { readOnly = false, autoMigrate = true, listen = true, prepare = true, maxConnections = 10 } = options;
  const { retryForMs = 30_000, pollIntervalMs = listen ? 1_000 : 50, partitionSize, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  const needed = listen ? 3 : 2;
  checkFlags({ readOnly, autoMigrate, listen, prepare });
  checkNumber("maxConnections", maxConnections, needed, 10_000);
  checkPool(where, needed);
  checkMs("pollIntervalMs", pollIntervalMs, 1);
  checkMs("retryForMs", retryForMs, 0);
  checkMs("answerTimeoutMs", answerTimeoutMs, 1);
  if (partitionSize !== undefined) checkNumber("partitionSize", partitionSize, LEAST_PARTITION, Number.MAX_SAFE_INTEGER);
  return { ...place, readOnly, autoMigrate, maxConnections, listen, pollIntervalMs, prepare, retryForMs, answerTimeoutMs, partitionSize };
}

/** Errors: `invalid-argument`. */
export function checkPlaceOptions(where: string | Pool, options: Partial<PlaceSettings>): PlaceSettings {
  checkWhere(where);
  if (typeof options !== "object" || options === null) throw new InvalidArgument("options", "an object", options);
  const told = typeof where === "string" ? toldBy(where) : {};
  const { schema = told.schema ?? "reactive_domain", tablePrefix = told.tablePrefix ?? "" } = options;
  if (typeof schema !== "string" || !SCHEMA.test(schema))
    throw new InvalidArgument("schema", "a name of 1 to 63 letters, digits and underscores that begins with no digit", schema);
  if (typeof tablePrefix !== "string" || !TABLE_PREFIX.test(tablePrefix))
    throw new InvalidArgument("tablePrefix", "at most 31 letters, digits and underscores that begin with no digit", tablePrefix);
  return { schema, tablePrefix };
}

function checkWhere(where: unknown): void {
  const isUrl = typeof where === "string" && /^postgres(ql)?:\/\//.test(where);
  const isPool = typeof where === "object" && where !== null && "connect" in where && "totalCount" in where;
  if (isUrl || isPool) return;
  throw new InvalidArgument(
    "where",
    "a URL like postgres://user@host/database, or a Pool of pg",
    typeof where === "string" ? shown(where) : where,
  );
}

/** What is no URL of PostgreSQL, without what may hold a password. */
function shown(text: string): string {
  return /[\s=]/.test(text) ? "…" : shownUrl(text);
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

function toldBy(url: string): { readonly schema?: string | undefined; readonly tablePrefix?: string | undefined } {
  const parameters = new URLSearchParams(url.split("?")[1] ?? "");
  return { schema: parameters.get("schema") ?? undefined, tablePrefix: parameters.get("tablePrefix") ?? undefined };
}

/** Errors: `invalid-argument`. */
export function checkFlags(flags: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(flags))
    if (typeof value !== "boolean") throw new InvalidArgument(name, "true or false", value);
}

/** Errors: `invalid-argument`. */
export function checkMs(name: string, value: number, least: number): void {
  checkNumber(name, value, least, MAX_MS);
}

/** Errors: `invalid-argument`. */
export function checkNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new InvalidArgument(name, `an integer from ${least} to ${most}`, value);
}
