import { createInMemoryStore, InvalidArgument, shownUrl, type EventStore } from "@reactive-domain/foundation";
import { openPostgresStore } from "@reactive-domain/postgres";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { UsageError } from "./usage-error.ts";

const SQLITE = "sqlite:";
const POSTGRES = /^postgres(ql)?:\/\//;

/** The stores that there are, for people. */
export const STORE_FORMS = "memory, sqlite:FILE or postgres://USER@HOST/DATABASE";

export interface OpenOptions {
  /** Opens what is there, and writes nothing. Default `false`. */
  readonly isReadOnly?: boolean;
}

/** Opens one of {@link STORE_FORMS}. Throws {@link UsageError} for anything else. Errors: those of the store. */
export async function openStore(url: string, { isReadOnly: readOnly = false }: OpenOptions = {}): Promise<EventStore> {
  if (url === "memory") return createInMemoryStore();
  try {
    if (POSTGRES.test(url)) return await openPostgresStore(url, { readOnly });
    if (url.startsWith(SQLITE) && url !== SQLITE) return await openSqliteStore(url.slice(SQLITE.length), { readOnly });
  } catch (error) {
    throw error instanceof InvalidArgument ? unknown(url) : error;
  }
  throw unknown(url);
}

function unknown(url: string): UsageError {
  return new UsageError(`Unknown store ${shownUrl(url)}. Use ${STORE_FORMS}.`);
}
