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
}

/**
 * The kinds of store there are, PostgreSQL on the embedded server.
 *
 *     describe.each(everyStore)("a repository on $name", ({ open }) => …
 */
export const everyStore: readonly KindOfStore[] = [
  { name: "memory", open: async () => closedAtEnd(createInMemoryStore()) },
  { name: "SQLite", open: async () => closedAtEnd(await openSqliteStore(join(temporaryDirectory(), "store.db"))) },
  ...(await postgresServers()).slice(0, 1).map(({ url }): KindOfStore => ({ name: "PostgreSQL", open: () => openInSchema(url) })),
];

async function openInSchema(url: string): Promise<EventStore> {
  return closedAtEnd(await openPostgresStore(url, { schema: temporarySchema(url) }));
}

/** What a test opened last ends first. */
function closedAtEnd(store: EventStore): EventStore {
  onTestFinished(() => store.close());
  return store;
}
