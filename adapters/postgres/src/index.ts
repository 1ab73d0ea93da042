export { openPostgresMaintenance, type PostgresMaintenanceOptions } from "./maintenance/open-postgres-maintenance.ts";
export { openPostgresStore, type PostgresStoreOptions } from "./open-postgres-store.ts";
export { openPostgresTrialStores, type PostgresTrialStores } from "./open-trial-stores.ts";
export type { PostgresEventStore } from "./postgres-store.ts";
