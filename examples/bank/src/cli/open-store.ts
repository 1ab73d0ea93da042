import {
  createInMemoryStore,
  ForeignStore,
  StoreUnavailable,
  type EventStore,
  type ReactiveDomainError,
} from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { UsageError } from "./usage-error.ts";

const SQLITE = "sqlite:";

/** Opens `memory` or `sqlite:FILE`. Throws {@link UsageError} for anything else, and for a file that cannot be used. */
export async function openStore(url: string): Promise<EventStore> {
  if (url === "memory") return createInMemoryStore();
  if (!url.startsWith(SQLITE) || url === SQLITE) throw new UsageError(`Unknown store ${url}. Use memory or sqlite:FILE.`);
  try {
    return await openSqliteStore(url.slice(SQLITE.length));
  } catch (error) {
    if (isStoreTrouble(error)) throw new UsageError(error.message);
    throw error;
  }
}

/** Whether the store is to blame, and says so in its message. */
export function isStoreTrouble(error: unknown): error is ReactiveDomainError {
  return error instanceof StoreUnavailable || error instanceof ForeignStore;
}
