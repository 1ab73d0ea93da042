import { join } from "node:path";
import { cacheReadModels, type ReadModels } from "@reactive-domain/persistence";
import { createInMemoryReadModels } from "@reactive-domain/persistence/in-memory";
import { openPostgresReadModels } from "@reactive-domain/postgres";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

/** What keeps read models, to the tests of what holds for any. */
export interface KindOfReadModels {
  readonly name: "memory" | "SQLite" | "PostgreSQL" | "a cache";
  /** Opens empty ones within a test, at whose end they are closed and removed. */
  open(): Promise<ReadModels>;
}

/** The kinds there are, PostgreSQL on the embedded server; the cache is in front of SQLite. */
export const everyReadModels: readonly KindOfReadModels[] = [
  { name: "memory", open: async () => closedAtEnd(createInMemoryReadModels()) },
  { name: "SQLite", open: openFile },
  ...(await postgresServers()).slice(0, 1).map(({ url }): KindOfReadModels => ({ name: "PostgreSQL", open: () => openInSchema(url) })),
  { name: "a cache", open: async () => cached(await openFile()) },
];

async function openFile(): Promise<ReadModels> {
  return closedAtEnd(await openSqliteReadModels(join(temporaryDirectory(), "views.db")));
}

async function openInSchema(url: string): Promise<ReadModels> {
  return closedAtEnd(await openPostgresReadModels(url, { schema: temporarySchema(url) }));
}

function cached(models: ReadModels): ReadModels {
  return {
    durability: models.durability,
    projections: models.projections,
    repository: async (definition, options) => cacheReadModels(await models.repository(definition, options)),
    discard: (name, schemaVersion, options) => models.discard(name, schemaVersion, options),
    close: () => models.close(),
    [Symbol.asyncDispose]: () => models.close(),
  };
}

/** What a test opened last ends first. */
function closedAtEnd(models: ReadModels): ReadModels {
  onTestFinished(() => models.close());
  return models;
}
