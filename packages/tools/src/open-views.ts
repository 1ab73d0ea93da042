import type { ReadModels } from "@reactive-domain/persistence";
import { asUsageError, formsOf, openUrl, refusalsAsUsage, schemesOf } from "./store-url.ts";

/** The option of every command about projections. */
export interface ViewsOptions {
  /** The URL of where read models are kept. */
  readonly views: string;
}

type Open = (options: { readonly mustExist: boolean }) => Promise<ReadModels>;

const SCHEMES = schemesOf<Open>({
  sqlite: async (file) => {
    const { openSqliteReadModels } = await import("@reactive-domain/sqlite");
    return (options) => openSqliteReadModels(file, options);
  },
  postgres: async (url) => {
    const { openPostgresReadModels } = await import("@reactive-domain/postgres");
    return () => openPostgresReadModels(url);
  },
  kurrentdb: { refused: "A KurrentDB server keeps events, and no read models. Give a file, or a database of PostgreSQL." },
});

/** The forms of URL that are known, for help texts. */
export const VIEWS_FORMS: string = formsOf(SCHEMES);

/** Opens where read models are kept. A file that must exist is not made. Throws {@link UsageError} when that cannot be done. */
export async function openViews(url: string, options: { readonly mustExist: boolean }): Promise<ReadModels> {
  const open = await openUrl(url, SCHEMES, "The place of read models");
  return asUsageError(() => open(options));
}

/** Works on read models that are there. Throws {@link UsageError} where there are none, or what is asked for cannot be. */
export async function withViews<T>({ views }: ViewsOptions, work: (opened: ReadModels) => Promise<T>): Promise<T> {
  await using opened = await openViews(views, { mustExist: true });
  return await refusalsAsUsage(() => work(opened));
}
