import type { StoreMaintenance } from "@reactive-domain/persistence";
import { asUsageError, formsOf, openUrl, refusalsAsUsage, schemesOf } from "./store-url.ts";

/** How a store is looked after. */
export interface MaintenanceOptions {
  /** The URL of the store. */
  readonly store: string;
  /** How long others who have it are waited for, in milliseconds. */
  readonly busyTimeout?: number;
  readonly json?: boolean;
}

type Open = (options: { readonly busyTimeoutMs?: number }) => Promise<StoreMaintenance>;

const SCHEMES = schemesOf<Open>({
  sqlite: async (file) => {
    const { openSqliteMaintenance } = await import("@reactive-domain/sqlite");
    return (options) => openSqliteMaintenance(file, options);
  },
  postgres: async (url) => {
    const { openPostgresMaintenance } = await import("@reactive-domain/postgres");
    return (options) => openPostgresMaintenance(url, options);
  },
  kurrentdb: { refused: "A KurrentDB server is looked after by its own tools, and not by db. Give a file, or a database of PostgreSQL." },
});

/** The forms of URL that are known, for help texts. */
export const MAINTAINED_FORMS: string = formsOf(SCHEMES);

/** Works on the place where a store is kept. Throws {@link UsageError} where that is none, or cannot be worked on in the way that was asked for. */
export async function maintain<T>(
  { store, busyTimeout }: MaintenanceOptions,
  work: (maintenance: StoreMaintenance) => Promise<T>,
): Promise<T> {
  const open = await openUrl(store, SCHEMES);
  await using maintenance = await asUsageError(() => open(busyTimeout === undefined ? {} : { busyTimeoutMs: busyTimeout }));
  return await refusalsAsUsage(() => work(maintenance));
}
