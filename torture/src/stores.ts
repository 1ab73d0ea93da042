import type { TorturedPlace, TorturedStore } from "./tortured-store.ts";

interface StoreKind {
  /** The store at a place. */
  storeAt(place: string): Promise<TorturedStore>;
  /** Makes a place for a new store: in a folder of the run, or on a server whose URL is given. */
  newPlace(folder: string, server: string): Promise<TorturedPlace>;
  readonly hasServers: boolean;
}

const KINDS: ReadonlyMap<string, StoreKind> = new Map([
  [
    "sqlite",
    {
      storeAt: async (place) => (await import("./sqlite-store.ts")).torturedSqliteStore(place),
      newPlace: async (folder) => (await import("./sqlite-store.ts")).sqlitePlace(folder),
      hasServers: false,
    },
  ],
  [
    "postgres",
    {
      storeAt: async (place) => (await import("./postgres-store.ts")).torturedPostgresStore(place),
      newPlace: async (folder, server) => (await import("./postgres-place.ts")).postgresPlace(folder, server),
      hasServers: true,
    },
  ],
]);

/** The kinds of store, for help texts. */
export const STORE_KINDS: readonly string[] = [...KINDS.keys()];

/** The store at a URL, `kind:place`. */
export async function storeAt(url: string): Promise<TorturedStore> {
  const [kind, place] = partsOf(url);
  return kindOf(kind).storeAt(place);
}

/** A place for a new store of a kind, `kind` or `kind:server`. */
export async function newPlace(store: string, folder: string): Promise<TorturedPlace> {
  const [kind, server] = partsOf(store);
  return kindOf(kind).newPlace(folder, server);
}

/** Whether it is a kind of store, or one with a server of its kind. */
export function isStore(store: string): boolean {
  const [kind, server] = partsOf(store);
  return KINDS.has(kind) && (server === "" ? !store.includes(":") : kindOf(kind).hasServers);
}

/** Whether the store gets a server of its own, which can be killed. */
export function hasOwnServer(store: string): boolean {
  const [kind, server] = partsOf(store);
  return server === "" && kindOf(kind).hasServers;
}

function kindOf(kind: string): StoreKind {
  const found = KINDS.get(kind);
  if (found === undefined) throw new Error(`There is no kind of store "${kind}"; there are ${STORE_KINDS.join(", ")}.`);
  return found;
}

function partsOf(store: string): readonly [kind: string, rest: string] {
  const [kind = ""] = store.split(":", 1);
  return [kind, store.slice(kind.length + 1)];
}
