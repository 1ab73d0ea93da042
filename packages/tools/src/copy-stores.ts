import type { EventStore } from "@reactive-domain/persistence";
import { openStore } from "./open-store.ts";
import { openUrl, type Schemes } from "./store-url.ts";

const TARGETS: Schemes<EventStore> = new Map([
  ["sqlite", { form: "sqlite:FILE", open: async (file: string) => (await import("@reactive-domain/sqlite")).openSqliteStore(file) }],
]);

/** Two stores, the first of which is for reading only. Disposing of them closes both. */
export interface CopyStores extends AsyncDisposable {
  readonly source: EventStore;
  readonly target: EventStore;
}

/** Opens what is copied, then what it is copied to, which is made where it does not exist. Throws `UsageError` when that cannot be done. */
export async function openCopyStores(from: string, to: string): Promise<CopyStores> {
  const source = await openStore(from);
  try {
    const target = await openUrl(to, TARGETS);
    return { source, target, [Symbol.asyncDispose]: async () => void (await Promise.all([source.close(), target.close()])) };
  } catch (error) {
    await source.close();
    throw error;
  }
}
