import { InvalidArgument, shownUrl } from "@reactive-domain/core";
import pg, { type Pool } from "pg";
import type { PlaceSettings } from "./check-options.ts";
import { farewellOf } from "./farewell.ts";
import { outliveErrors } from "./outlive-errors.ts";
import { namesOf, type Names } from "./schema/names.ts";

/** Where a store is. */
export interface StorePlace {
  readonly pool: Pool;
  readonly names: Names;
  /** What errors call the store. No password is in it. */
  readonly name: string;
  /** Lets go of the pool: one of the store's own is ended. */
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** How long a connection is quiet before the system sees whether it lives. */
const KEEP_ALIVE_MS = 10_000;

/** A pool on what a URL names, or the one that is given. Nothing is connected yet. Errors: `invalid-argument`. */
export function poolOf(
  where: string | Pool,
  { schema, tablePrefix, maxConnections }: PlaceSettings & { readonly maxConnections: number },
  what = "store",
): StorePlace {
  const isOwn = typeof where === "string";
  const pool = isOwn ? ownPool(where, maxConnections) : where;
  // A connection that is lost while it idles is replaced by the next; without a listener it would end the process.
  pool.on("error", ignore);
  // The pool takes its own listener off a new connection before whoever waits for it can put one on.
  pool.on("connect", outliveErrors);
  const end = isOwn ? farewellOf(pool) : async () => undefined;
  const { host = "localhost", port = 5432, database = "its default database" } = pool.options;
  return {
    pool,
    names: namesOf(schema, tablePrefix),
    name: `PostgreSQL ${what} ${schema}${tablePrefix === "" ? "" : `.${tablePrefix}`} in ${database} at ${host}:${port}`,
    close: async () => {
      await end();
      pool.off("error", ignore);
      pool.off("connect", outliveErrors);
    },
  };
}

function ownPool(url: string, max: number): Pool {
  try {
    const pool = new pg.Pool({
      connectionString: url,
      max,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: "reactive-domain",
    });
    // What the URL says is known only when it is parsed.
    const { host, port, database } = new pg.Client({ connectionString: url });
    Object.assign(pool.options, { host, port, database });
    return pool;
  } catch (error) {
    throw new InvalidArgument("where", "a URL like postgres://user@host/database", shownUrl(url), problemOf(error));
  }
}

/** An error of a URL's parser may tell the URL. */
function problemOf(error: unknown): string {
  return error instanceof Error ? shownUrl(error.message) : "";
}

function ignore(): void {
  // Whoever needs a connection next gets another one, or the error.
}
