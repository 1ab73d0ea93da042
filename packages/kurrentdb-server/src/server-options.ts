import { checkKeys, InvalidArgument } from "@reactive-domain/core";

/** How much the server takes and holds. */
export interface ServerLimits {
  /** The most bytes of all events of one append, data and metadata. Default 1 MiB, as KurrentDB has it. */
  readonly maxAppendBytes: number;
  /** The most bytes of one message of a client. Default 16 MiB. */
  readonly maxMessageBytes: number;
  /** The most events that are read from the store at once for one client. Default 250. */
  readonly pageEvents: number;
  /** The most bytes that are read from the store at once for one client. Default 1 MiB. */
  readonly pageBytes: number;
}

export interface ServerOptions extends Partial<ServerLimits> {
  /** The address to listen at. Default 127.0.0.1: this machine alone. */
  readonly host?: string;
  /** The port to listen at; 0 takes a free one. Default 2113. */
  readonly port?: number;
}

const MIB = 1024 * 1024;
const DEFAULTS: ServerLimits = { maxAppendBytes: MIB, maxMessageBytes: 16 * MIB, pageEvents: 250, pageBytes: MIB };
const DEFAULT_PORT = 2113;
const MAX_PORT = 65_535;

/** Options as they hold. */
export interface CompleteServerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: ServerLimits;
}

/** Fills in what was left out. Errors: `invalid-argument`. */
export function completeOptions(options: ServerOptions): CompleteServerOptions {
  checkKeys("options", options, ["host", "port", ...Object.keys(DEFAULTS)]);
  const { host = "127.0.0.1", port = DEFAULT_PORT } = options;
  if (typeof host !== "string" || host.trim() === "") throw new InvalidArgument("options.host", "text that is not blank", host);
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
    throw new InvalidArgument("options.port", `an integer from 0 to ${MAX_PORT}`, port);
  const limits = Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, value]) => [name, limitOf(name, options[name as keyof ServerLimits] ?? value)]),
  ) as Record<keyof ServerLimits, number>;
  return { host, port, limits };
}

function limitOf(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgument(`options.${name}`, "an integer from 1", value);
  return value;
}
