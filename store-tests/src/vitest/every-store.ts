import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { openPostgresStore } from "@reactive-domain/postgres";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A kind of store, to the tests of what is built on any. */
export interface KindOfStore {
  readonly name: "memory" | "SQLite" | "PostgreSQL";
  /** Opens an empty store within a test, at whose end it is closed and removed. */
  open(): Promise<EventStore>;
  /** Opens an empty store twice, as two processes would, where the kind can. */
  openTwice(): Promise<readonly [EventStore, EventStore]>;
}

/**
 * The kinds of store there are, PostgreSQL on the embedded server.
 *
 *     describe.each(everyStore)("a repository on $name", ({ open }) => …
 */
export const everyStore: readonly KindOfStore[] = [
  kindOf("memory", () => {
    const store = createInMemoryStore();
    return () => store;
  }),
  kindOf("SQLite", () => {
    const file = join(temporaryDirectory(), "store.db");
    return () => openSqliteStore(file);
  }),
  ...(await postgresServers()).slice(0, 1).map(({ url }) =>
    kindOf("PostgreSQL", () => {
      const schema = temporarySchema(url);
      return () => openPostgresStore(url, { schema });
    }),
  ),
];

/** `place` makes an empty place for a store, and tells how to open it. */
function kindOf(name: KindOfStore["name"], place: () => () => EventStore | Promise<EventStore>): KindOfStore {
  return {
    name,
    open: async () => closedAtEnd(await place()()),
    openTwice: async () => {
      const open = place();
      return [closedAtEnd(await open()), closedAtEnd(await open())];
    },
  };
}

/** What a test opened last ends first. */
function closedAtEnd(store: EventStore): EventStore {
  onTestFinished(() => store.close());
  return store;
}
