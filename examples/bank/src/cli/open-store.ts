import {
  createInMemoryReadModels,
  createInMemoryStore,
  InvalidArgument,
  shownUrl,
  type EventStore,
  type ReadModels,
} from "@reactive-domain/foundation";
import { openPostgresReadModels, openPostgresStore } from "@reactive-domain/postgres";
import { openSqliteReadModels, openSqliteStore } from "@reactive-domain/sqlite";
import { UsageError } from "./usage-error.ts";

const SQLITE = "sqlite:";
const POSTGRES = /^postgres(ql)?:\/\//;
const KURRENTDB = /^(kurrentdb|esdb)(\+discover)?:\/\//;

/** The stores that there are, for people. */
export const STORE_FORMS = "memory, sqlite:FILE, postgres://USER@HOST/DATABASE or kurrentdb://HOST:PORT";

export interface OpenOptions {
  /** Opens what is there, and writes nothing. Default `false`. */
  readonly isReadOnly?: boolean;
}

/** Opens one of {@link STORE_FORMS}. Throws {@link UsageError} for anything else. Errors: those of the store. */
export async function openStore(url: string, { isReadOnly: readOnly = false }: OpenOptions = {}): Promise<EventStore> {
  if (url === "memory") return createInMemoryStore();
  try {
    if (POSTGRES.test(url)) return await openPostgresStore(url, { readOnly });
    if (KURRENTDB.test(url)) return await (await import("@reactive-domain/kurrentdb")).openKurrentStore(url);
    if (url.startsWith(SQLITE) && url !== SQLITE) return await openSqliteStore(url.slice(SQLITE.length), { readOnly });
  } catch (error) {
    throw error instanceof InvalidArgument ? unknown(url) : error;
  }
  throw unknown(url);
}

/** Opens what is kept beside a store that {@link openStore} opens: in memory, which also goes for KurrentDB, in the file `FILE-views`, or in the same schema of the database. Errors: those of what keeps it. */
export async function openViews(url: string): Promise<ReadModels> {
  if (url === "memory" || KURRENTDB.test(url)) return createInMemoryReadModels();
  return POSTGRES.test(url) ? openPostgresReadModels(url) : openSqliteReadModels(beside(url, "views"));
}

/** Where letters go by default: into the file `FILE-mail` beside `sqlite:FILE`; nowhere with other stores. */
export function mailFileBeside(url: string): string | undefined {
  return url.startsWith(SQLITE) ? beside(url, "mail") : undefined;
}

function beside(url: string, what: string): string {
  return `${url.slice(SQLITE.length)}-${what}`;
}

function unknown(url: string): UsageError {
  return new UsageError(`Unknown store ${shownUrl(url)}. Use ${STORE_FORMS}.`);
}
