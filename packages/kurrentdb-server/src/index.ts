export { CannotListen, InvalidCertificate, UserRefused } from "./errors.ts";
export type { ServerLimits, ServerOptions } from "./server-options.ts";
export type { KurrentServer } from "./kurrent-server.ts";
export { startServer } from "./start-server.ts";
export { developmentCertificates, type DevelopmentCertificateOptions } from "./tls/development-certificates.ts";
export type { TlsOptions } from "./tls/tls-options.ts";
export { openUsers, type NewStoreUser, type StoreUser, type StoreUsers } from "./users/open-users.ts";
