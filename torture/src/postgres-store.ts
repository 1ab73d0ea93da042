import { setTimeout as sleep } from "node:timers/promises";
import { ReactiveDomainError } from "@reactive-domain/core";
import { openPostgresReadModels, openPostgresStore } from "@reactive-domain/postgres";
import type { TorturedStore } from "./tortured-store.ts";

const OPEN_FOR_MS = 60_000;
const OPEN_AGAIN_MS = 50;
const LANES = 3;

/** The PostgreSQL store at a URL that names its schema, in which its projections are kept, too; the schema is the name of its connections, too. */
export function torturedPostgresStore(url: string): TorturedStore {
  const schema = new URL(url).searchParams.get("schema") ?? "";
  return {
    open: () => patiently(() => openPostgresStore(url)),
    openViews: () => patiently(() => openPostgresReadModels(url)),
    lanes: LANES,
    rowsOf: async (table) => (await import("./postgres-rows.ts")).rowsOf(url, `${schema}.${table}`),
    // Children do without what is loaded here, and are started often.
    settled: async () => (await import("./postgres-settled.ts")).settled(url, schema),
    check: async () => (await import("./postgres-check.ts")).databaseProblems(url, schema),
    plantHole: async () => (await import("./postgres-hole.ts")).plantHole(url, schema),
  };
}

/** A URL for the store of a schema on a server. */
export function storeUrl(server: string, schema: string): string {
  const url = new URL(server);
  url.searchParams.set("schema", schema);
  url.searchParams.set("application_name", schema);
  return url.href;
}

/** The server may have been killed a moment ago. */
async function patiently<T>(open: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + OPEN_FOR_MS; ;) {
    try {
      return await open();
    } catch (error) {
      if (!isAway(error) || performance.now() > deadline) throw error;
      await sleep(OPEN_AGAIN_MS);
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof ReactiveDomainError && error.code === "store-unavailable" && error.retryable;
}
