export { openPostgresStore, type PostgresStoreOptions } from "./open-postgres-store.ts";
export type { PostgresEventStore } from "./postgres-store.ts";
