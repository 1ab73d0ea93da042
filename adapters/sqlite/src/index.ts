export { openSqliteMaintenance, type SqliteMaintenanceOptions } from "./maintenance/open-sqlite-maintenance.ts";
export { openSqliteStore, type SqliteStoreOptions } from "./open-sqlite-store.ts";
export { openSqliteReadModels, type SqliteReadModelOptions } from "./read-models/open-sqlite-read-models.ts";
