import type { EventStore } from "@reactive-domain/persistence";
import { UsageError } from "./errors.ts";
import { openStore } from "./open-store.ts";
import { asUsageError, formsOf, openUrl, schemesOf } from "./store-url.ts";

const TARGETS = schemesOf<EventStore>({
  sqlite: async (file) => (await import("@reactive-domain/sqlite")).openSqliteStore(file),
  postgres: async (url) => (await import("@reactive-domain/postgres")).openPostgresStore(url),
  kurrentdb: {
    refused: "A KurrentDB server takes no copy: it gives events positions and times of its own. Copy to a file or to PostgreSQL.",
  },
});

/** The forms of URL that are taken, for help texts. */
export const COPY_FORMS: string = formsOf(TARGETS);

/** Two stores, the first of which is for reading only. Disposing of them closes both. */
export interface CopyStores extends AsyncDisposable {
  readonly source: EventStore;
  readonly target: EventStore;
}

/** Opens what is copied, then what it is copied to, which is made where it does not exist. Throws `UsageError` when that cannot be done. */
export async function openCopyStores(from: string, to: string): Promise<CopyStores> {
  const source = await openStore(from);
  try {
    await refuseHalfCopy(source);
    const target = await openUrl(to, TARGETS);
    return { source, target, [Symbol.asyncDispose]: async () => void (await Promise.all([source.close(), target.close()])) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** What cannot be copied is refused before anything is made for it. */
async function refuseHalfCopy(source: EventStore): Promise<void> {
  const { copy } = await asUsageError(() => source.transfer.status());
  if (copy?.isLevel === false)
    throw new UsageError("The source is itself a copy that is not whole yet. Nothing was taken. Finish that copy first.");
}
