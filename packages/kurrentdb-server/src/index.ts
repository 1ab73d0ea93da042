export { CannotListen } from "./errors.ts";
export type { ServerLimits, ServerOptions } from "./server-options.ts";
export { startServer, type KurrentServer } from "./start-server.ts";
