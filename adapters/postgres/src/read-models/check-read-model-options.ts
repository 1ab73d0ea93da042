import { checkKeys } from "@reactive-domain/core";
import type { Pool } from "pg";
import { ANSWER_TIMEOUT_MS } from "../database.ts";
import { checkFlags, checkMs, checkNumber, checkPlaceOptions, type PlaceSettings } from "../check-options.ts";

/** Settings of read models in PostgreSQL. */
export interface PostgresReadModelOptions {
  /** The schema that the tables live in, made where it is missing: letters, digits and underscores. Default `reactive_domain`. */
  readonly schema?: string;
  /** What the names of tables begin with. Default: nothing. */
  readonly tablePrefix?: string;
  /** The most connections, where no pool is given: from 1. Default 10. */
  readonly maxConnections?: number;
  /** Whether connections keep the plans of puts, gets and deletions. Default `true`; `false` for poolers that do not pass prepared statements on. */
  readonly prepare?: boolean;
  /** How long a read waits for a server that is away, in milliseconds, from 0. A change does not wait: it could be made twice. Default 30,000. */
  readonly retryForMs?: number;
  /**
   * How long what is short waits for the server's answer, `close` for what is under way, and a change of a projection for its tables, in milliseconds, from 1. Default 30,000. The
   * SQL of a projection's own takes as long as it takes, but may not idle in its transaction for longer than this, unless the server or the user has a time of its own.
   */
  readonly answerTimeoutMs?: number;
}

interface ReadModelSettings extends PlaceSettings {
  readonly maxConnections: number;
  readonly prepare: boolean;
  readonly retryForMs: number;
  readonly answerTimeoutMs: number;
}

const KNOWN = ["schema", "tablePrefix", "maxConnections", "prepare", "retryForMs", "answerTimeoutMs"];

/** Errors: `invalid-argument`. */
export function checkReadModelOptions(where: string | Pool, options: PostgresReadModelOptions): ReadModelSettings {
  const place = checkPlaceOptions(where, options);
  checkKeys("options of read models", options, KNOWN);
  const { maxConnections = 10, prepare = true, retryForMs = 30_000, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  checkNumber("maxConnections", maxConnections, 1, 10_000);
  checkFlags({ prepare });
  checkMs("retryForMs", retryForMs, 0);
  checkMs("answerTimeoutMs", answerTimeoutMs, 1);
  return { ...place, maxConnections, prepare, retryForMs, answerTimeoutMs };
}
