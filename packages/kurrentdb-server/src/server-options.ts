import { checkKeys, currentRuntime, InvalidArgument } from "@reactive-domain/core";
import type { FirstPasswords } from "./users/first-users.ts";
import { checkedTls } from "./tls/checked-tls.ts";
import type { TlsOptions } from "./tls/tls-options.ts";

/** How much the server takes and holds. All are integers from 1. */
export interface ServerLimits {
  /** The most bytes of all events of one append, data and metadata. Default 1 MiB, as KurrentDB has it. */
  readonly maxAppendBytes: number;
  /** The most bytes of one message of a client. A longer one is refused with the status RESOURCE_EXHAUSTED. Default 16 MiB. */
  readonly maxMessageBytes: number;
  /** The most events that are read from the store at once for one client, 1 to 10,000. Default 250. */
  readonly pageEvents: number;
  /** The most bytes that are read from the store at once for one client; one event may be longer. A client that stops reading holds about three times as much of memory. Default 1 MiB. */
  readonly pageBytes: number;
  /** The most connections. Calls of a further one are refused with the status UNAVAILABLE. Default 1,000. */
  readonly maxConnections: number;
  /** The most reads and subscriptions at once, of all clients. A further one is refused with the status RESOURCE_EXHAUSTED. Default 2,000. */
  readonly maxReads: number;
  /** The most reads and subscriptions at once over one connection. A further one is refused with the status RESOURCE_EXHAUSTED. Default 200. */
  readonly maxReadsPerConnection: number;
  /** After how many milliseconds without a word from a client it is asked whether it is there. Default 10,000. */
  readonly keepAliveMs: number;
  /** How many milliseconds a client has to answer that before it is cut off. Default 10,000. */
  readonly keepAliveTimeoutMs: number;
  /** How many milliseconds a connection has to agree on encryption and to begin to speak before it is cut off. Default 10,000. */
  readonly greetingMs: number;
  /** How many milliseconds a client that speaks HTTP/1.1 has for a whole request, since it connected or since the last answer, before it is cut off. Default 30,000. */
  readonly requestMs: number;
  /** How many milliseconds `close` waits for calls under way before it cuts them off. Default 5,000. */
  readonly drainMs: number;
}

export interface ServerOptions extends Partial<ServerLimits> {
  /** The address to listen at. Default 127.0.0.1: this machine alone. */
  readonly host?: string;
  /** The port to listen at; 0 takes a free one. Default 2113. */
  readonly port?: number;
  /** How connections are encrypted: a certificate and its key, or what {@link developmentCertificates} makes. Required unless `insecure` is said. */
  readonly tls?: TlsOptions;
  /** Whether whoever reaches the server may do everything, without a password, and without encryption where there is no `tls`. Default `false`. */
  readonly insecure?: boolean;
  /** The password that user `admin` begins with, where the store has no user of the group `$admins` that can log in. It changes no password that is there. */
  readonly adminPassword?: string;
  /** The password that user `ops`, of the group `$ops`, begins with, where the store has never had that user. Default: no such user is made. */
  readonly opsPassword?: string;
}

const MIB = 1024 * 1024;
const DEFAULTS: ServerLimits = {
  maxAppendBytes: MIB,
  maxMessageBytes: 16 * MIB,
  pageEvents: 250,
  pageBytes: MIB,
  maxConnections: 1_000,
  maxReads: 2_000,
  maxReadsPerConnection: 200,
  keepAliveMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  greetingMs: 10_000,
  requestMs: 30_000,
  drainMs: 5_000,
};
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The most that can be, where that is less than an integer. */
const MOST: Partial<ServerLimits> = {
  pageEvents: 10_000,
  keepAliveMs: MAX_TIMER_MS,
  keepAliveTimeoutMs: MAX_TIMER_MS,
  greetingMs: MAX_TIMER_MS,
  requestMs: MAX_TIMER_MS,
  drainMs: MAX_TIMER_MS,
};
const DEFAULT_PORT = 2113;
const MAX_PORT = 65_535;
const MIN_PASSWORD_CHARACTERS = 8;
const MAX_PASSWORD_CHARACTERS = 256;

/** Options as they hold. */
export interface CompleteServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions | undefined;
  readonly insecure: boolean;
  readonly firstPasswords: FirstPasswords;
  readonly limits: ServerLimits;
}

/** Fills in what was left out. Errors: `invalid-argument`, `invalid-certificate`. */
export function completeOptions(options: ServerOptions): CompleteServerOptions {
  checkKeys("options", options, ["host", "port", "tls", "insecure", "adminPassword", "opsPassword", ...Object.keys(DEFAULTS)]);
  const { host = "127.0.0.1", port = DEFAULT_PORT, tls, insecure = false } = options;
  if (typeof host !== "string" || host.trim() === "") throw new InvalidArgument("options.host", "text that is not blank", host);
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
    throw new InvalidArgument("options.port", `an integer from 0 to ${MAX_PORT}`, port);
  if (typeof insecure !== "boolean") throw new InvalidArgument("options.insecure", "true or false", insecure);
  if (tls === undefined && !insecure) throw unencrypted();
  const limits = Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, value]) => {
      const key = name as keyof ServerLimits;
      return [key, limitOf(key, options[key] ?? value)];
    }),
  ) as Record<keyof ServerLimits, number>;
  return {
    host,
    port,
    tls: tls && checkedTls(tls, currentRuntime().clock.now()),
    insecure,
    firstPasswords: firstPasswordsOf(options),
    limits,
  };
}

/** What is wrong with a password is told without it. */
function firstPasswordsOf({ adminPassword, opsPassword, insecure }: ServerOptions): FirstPasswords {
  for (const [name, password] of Object.entries({ adminPassword, opsPassword })) {
    if (password === undefined) continue;
    if (typeof password !== "string" || password.length < MIN_PASSWORD_CHARACTERS || password.length > MAX_PASSWORD_CHARACTERS)
      throw badPassword(name, `text of ${MIN_PASSWORD_CHARACTERS} to ${MAX_PASSWORD_CHARACTERS} characters`, "another value");
    if (insecure === true)
      throw badPassword(name, "left out where insecure is true", "given", "An insecure server asks nobody for a password.");
  }
  return { admin: adminPassword, ops: opsPassword };
}

function badPassword(name: string, expected: string, actual: string, advice = ""): InvalidArgument {
  return new InvalidArgument(`options.${name}`, expected, actual, advice);
}

function unencrypted(): InvalidArgument {
  return new InvalidArgument(
    "options.tls",
    "a certificate and its key",
    undefined,
    "For development, developmentCertificates(directory) makes them. Say insecure: true to let whoever reaches the server do everything, without encryption.",
  );
}

function limitOf(name: keyof ServerLimits, value: number): number {
  const most = MOST[name];
  if (!Number.isSafeInteger(value) || value < 1 || value > (most ?? value))
    throw new InvalidArgument(`options.${name}`, most === undefined ? "an integer from 1" : `an integer from 1 to ${most}`, value);
  return value;
}
