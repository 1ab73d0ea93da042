import { randomBytes } from "node:crypto";
import { AlreadyClosed } from "@reactive-domain/core";
import pg from "pg";
import { openPostgresStore } from "./open-postgres-store.ts";
import { postgresFailure } from "./postgres-failure.ts";
import type { PostgresEventStore } from "./postgres-store.ts";
import { quoted } from "./schema/names.ts";

/** Empty stores, to try things out with. Disposing of them drops what they left; stores that are open then are of no use any more. */
export interface PostgresTrialStores extends AsyncDisposable {
  /** Opens an empty store that nobody else uses, in a schema of its own. Errors: those of `openPostgresStore`; `already-closed`. */
  open(): Promise<PostgresEventStore>;
}

/** Trial stores in the database that a URL names; what else is in it is not touched. Nothing is connected yet. */
export function openPostgresTrialStores(url: string): PostgresTrialStores {
  const schemas: string[] = [];
  const opening = new Set<Promise<unknown>>();
  let isOver = false;
  return {
    async open() {
      if (isOver) throw new AlreadyClosed("The trial stores");
      const schema = `reactive_domain_trial_${randomBytes(8).toString("hex")}`;
      const store = openPostgresStore(url, { schema, tablePrefix: "" });
      opening.add(store);
      try {
        const opened = await store;
        // Where it could not be opened, all that was made for it was undone.
        schemas.push(schema);
        return opened;
      } finally {
        opening.delete(store);
      }
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.allSettled(opening);
      await drop(url, schemas.splice(0));
    },
  };
}

async function drop(url: string, schemas: readonly string[]): Promise<void> {
  if (schemas.length === 0) return;
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("error", () => undefined);
  try {
    // One by one: a transaction has locks for some thousand things at the most.
    for (const schema of schemas) await pool.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
  } catch (error) {
    throw postgresFailure(error, "PostgreSQL trial store");
  } finally {
    await pool.end();
  }
}
