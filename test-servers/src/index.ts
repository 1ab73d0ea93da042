export { dropSchema, newSchema, postgresServers, temporarySchema, withClient } from "./postgres-servers.ts";
export { programArguments } from "./program-arguments.ts";
export { startPgBouncer, whyNoPgBouncer } from "./start-pgbouncer.ts";
export { startProxy } from "./proxy/start-proxy.ts";
export { startServer } from "./start-server.ts";
export { withSteward } from "./steward.ts";
