export { openPostgresMaintenance, type PostgresMaintenanceOptions } from "./maintenance/open-postgres-maintenance.ts";
export { openPostgresStore } from "./open-postgres-store.ts";
export { openPostgresTrialStores, type PostgresTrialStores } from "./open-trial-stores.ts";
export type { PostgresStoreOptions } from "./postgres-store-options.ts";
export type { PostgresEventStore } from "./postgres-store.ts";
export type { PostgresReadModelOptions } from "./read-models/check-read-model-options.ts";
export { openPostgresReadModels } from "./read-models/open-postgres-read-models.ts";
