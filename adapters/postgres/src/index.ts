export { openPostgresMaintenance, type PostgresMaintenanceOptions } from "./maintenance/open-postgres-maintenance.ts";
export { openPostgresStore } from "./open-postgres-store.ts";
export { openPostgresTrialStores, type PostgresTrialStores } from "./open-trial-stores.ts";
export type { PostgresStoreOptions } from "./postgres-store-options.ts";
export type { PostgresEventStore } from "./postgres-store.ts";
