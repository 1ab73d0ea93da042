import type { EventStore } from "@reactive-domain/persistence";
import { UsageError } from "./errors.ts";
import { formsOf, openUrl, schemesOf, type Schemes } from "./store-url.ts";

/** Somebody waits for the answer that nobody listens there. */
const KURRENTDB = { retryForMs: 1_000 };

const SCHEMES = schemesOf<EventStore>({
  sqlite: async (file) => (await import("@reactive-domain/sqlite")).openSqliteStore(file, { readOnly: true }),
  postgres: async (url) => (await import("@reactive-domain/postgres")).openPostgresStore(url, { readOnly: true }),
  kurrentdb: async (url) => (await import("@reactive-domain/kurrentdb")).openKurrentStore(url, KURRENTDB),
});

const CHANGED = schemesOf<EventStore>({
  sqlite: async (file) => (await import("@reactive-domain/sqlite")).openSqliteStore(file, { mustExist: true }),
  postgres: async (url) => (await import("@reactive-domain/postgres")).openPostgresStore(url, { autoMigrate: false }),
  kurrentdb: async (url) => (await import("@reactive-domain/kurrentdb")).openKurrentStore(url, KURRENTDB),
});

/** The forms of URL that are known, for help texts. */
export const STORE_FORMS: string = formsOf(SCHEMES);

/** Opens the store that a URL names, for reading. Throws {@link UsageError} when that cannot be done. */
export function openStore(url: string): Promise<EventStore> {
  return openOutside(url, SCHEMES);
}

/** Opens the store that a URL names, which must be there, for changes. Throws {@link UsageError} when that cannot be done. */
export function openStoreForChanges(url: string): Promise<EventStore> {
  return openOutside(url, CHANGED);
}

async function openOutside(url: string, schemes: Schemes<EventStore>): Promise<EventStore> {
  if (url === "memory" || url.startsWith("memory:")) {
    throw new UsageError(
      `A memory store lives inside its process only and cannot be looked into from here. Give one of these: ${STORE_FORMS}.`,
    );
  }
  return openUrl(url, schemes);
}
