import type { TorturedStore } from "./tortured-store.ts";

const SCHEMES: ReadonlyMap<string, (place: string) => Promise<TorturedStore>> = new Map([
  ["sqlite", async (place: string) => (await import("./sqlite-store.ts")).torturedSqliteStore(place)],
]);

/** The kinds of store, for help texts. */
export const STORE_KINDS: readonly string[] = [...SCHEMES.keys()];

/** The store at a URL, `kind:place`. */
export async function storeAt(url: string): Promise<TorturedStore> {
  const [kind = ""] = url.split(":", 1);
  const make = SCHEMES.get(kind);
  if (make === undefined) throw new Error(`There is no kind of store "${kind}"; there are ${STORE_KINDS.join(", ")}.`);
  return make(url.slice(kind.length + 1));
}
