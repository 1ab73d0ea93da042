import type { Pool } from "pg";
import { openPostgresStore, type PostgresEventStore, type PostgresStoreOptions } from "@reactive-domain/postgres";
import { startProxy } from "@reactive-domain/test-servers";
import { onTestFinished } from "vitest";

/** A store that is closed when the test has finished. */
export async function openedStore(where: string | Pool, options: PostgresStoreOptions): Promise<PostgresEventStore> {
  const store = await openPostgresStore(where, options);
  onTestFinished(() => store.close());
  return store;
}

/** A proxy that stops when the test has finished. */
export async function proxied(url: string): Promise<Awaited<ReturnType<typeof startProxy>>> {
  const proxy = await startProxy(url);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}
