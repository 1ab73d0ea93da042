import type { EventStore } from "@reactive-domain/persistence";
import { formsOf, openUrl, schemesOf, type Schemes } from "./store-url.ts";

const SCHEMES: Schemes<EventStore> = new Map([
  ["memory", { form: "memory", open: async () => (await import("@reactive-domain/persistence/in-memory")).createInMemoryStore() }],
  ...schemesOf<EventStore>({
    sqlite: async (file) => (await import("@reactive-domain/sqlite")).openSqliteStore(file),
    postgres: async (url) => (await import("@reactive-domain/postgres")).openPostgresStore(url),
    kurrentdb: { refused: "A KurrentDB server needs no other one before it: let clients connect to it." },
  }),
]);

/** The forms of URL that are known, for help texts. */
export const SERVED_FORMS: string = formsOf(SCHEMES);

/** Opens the store that a URL names for whatever clients do, and makes it where there is none. Throws `UsageError` when that cannot be done. */
export function openServedStore(url: string): Promise<EventStore> {
  return openUrl(url, SCHEMES);
}
