export { openPostgresStore } from "./open-postgres-store.ts";
export type { PostgresStoreOptions } from "./postgres-store-options.ts";
export type { PostgresEventStore } from "./postgres-store.ts";
