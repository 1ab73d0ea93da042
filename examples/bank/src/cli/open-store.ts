import { createInMemoryStore, InvalidArgument, type EventStore } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { UsageError } from "./usage-error.ts";

const SQLITE = "sqlite:";

/** Opens `memory` or `sqlite:FILE`. Throws {@link UsageError} for anything else. Errors: those of the store. */
export async function openStore(url: string): Promise<EventStore> {
  if (url === "memory") return createInMemoryStore();
  if (!url.startsWith(SQLITE) || url === SQLITE) throw unknown(url);
  try {
    return await openSqliteStore(url.slice(SQLITE.length));
  } catch (error) {
    throw error instanceof InvalidArgument ? unknown(url) : error;
  }
}

function unknown(url: string): UsageError {
  return new UsageError(`Unknown store ${url}. Use memory or sqlite:FILE.`);
}
