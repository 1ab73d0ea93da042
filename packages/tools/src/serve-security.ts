import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { InvalidArgument } from "@reactive-domain/core";
import type { TlsOptions } from "@reactive-domain/kurrentdb-server";
import { resolve } from "node:path";
import { UsageError } from "./errors.ts";

/** How whoever serves a store protects it, as the command line says it. */
export interface SecurityOptions {
  readonly insecure?: boolean;
  /** Files. */
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  /** A directory. */
  readonly devCertificates?: string;
  readonly adminPasswordFile?: string;
  readonly host?: string;
}

/** What a server is told of its protection. */
export interface Security {
  readonly insecure?: boolean;
  readonly tls?: TlsOptions;
  readonly adminPassword?: string;
}

/** Where the password of the administrator may stand; a flag would show it to everybody on the machine. */
export const PASSWORD_VARIABLE = "REACTIVE_DOMAIN_ADMIN_PASSWORD";
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "::1"];
const ALL_ADDRESSES = new Set(["0.0.0.0", "::"]);

/** Reads what protects a server. Throws `UsageError` where nothing does and that is not said, or where a file cannot be read. */
export async function securityOf(options: SecurityOptions): Promise<Security> {
  const { insecure = false, cert, devCertificates } = options;
  const ways = [insecure && "--insecure", cert !== undefined && "--cert", devCertificates !== undefined && "--dev-certificates"].filter(
    Boolean,
  );
  if (ways.length > 1) throw new UsageError(`${ways.join(" and ")} exclude each other. Give one of them.`);
  if (insecure && options.adminPasswordFile !== undefined)
    throw new UsageError(
      "--insecure and --admin-password-file exclude each other: nobody is asked for a password there. Give one of them.",
    );
  if (insecure) return { insecure };
  const tls = await tlsOf(options);
  const { adminPasswordFile } = options;
  const adminPassword =
    adminPasswordFile === undefined ? process.env[PASSWORD_VARIABLE] : await passwordIn("--admin-password-file", adminPasswordFile);
  return { tls, ...(adminPassword !== undefined && { adminPassword }) };
}

async function tlsOf({ cert, key, ca, devCertificates, host }: SecurityOptions): Promise<TlsOptions> {
  if (devCertificates !== undefined) {
    const { developmentCertificates } = await import("@reactive-domain/kurrentdb-server");
    return reading("--dev-certificates", devCertificates, () => developmentCertificates(devCertificates, { hosts: hostsOf(host) }));
  }
  if (cert === undefined && key === undefined) throw unprotected();
  if (cert === undefined || key === undefined)
    throw new UsageError("A certificate and its key go together: give --cert FILE and --key FILE.");
  return {
    cert: await textOf("--cert", cert),
    key: await textOf("--key", key),
    ...(ca !== undefined && { caFile: await pathOf(ca) }),
  };
}

function unprotected(): UsageError {
  return new UsageError(
    "Say how the server is protected: --dev-certificates DIRECTORY makes certificates for this machine there, --cert FILE and --key FILE take yours, and with --insecure whoever reaches its port may do everything.",
  );
}

/** By what clients reach the server. */
function hostsOf(host: string | undefined): readonly string[] {
  const listened = host === undefined ? [] : [host];
  const names = ALL_ADDRESSES.has(host ?? "") ? [hostname()] : [];
  return [...new Set([...LOCAL_HOSTS, ...listened, ...names])];
}

/** A password from a file, without the end of its line. */
export async function passwordIn(option: string, file: string): Promise<string> {
  return (await textOf(option, file)).replace(/\r?\n$/, "");
}

/** What a server says of the first password, in the words of the command line; other errors as they are. */
export function inOwnWords(error: unknown, { adminPasswordFile }: SecurityOptions, { adminPassword }: Security): unknown {
  if (!(error instanceof InvalidArgument) || error.details["argument"] !== "options.adminPassword") return error;
  const place = adminPasswordFile === undefined ? PASSWORD_VARIABLE : "--admin-password-file";
  const words =
    adminPassword === undefined
      ? `The store has no user of group $admins yet, so that nobody could do anything. Give the first password of user admin by --admin-password-file FILE, or set ${PASSWORD_VARIABLE}.`
      : error.message.replace("options.adminPassword", `The password in ${place}`).replace(/, but is .*$/, ".");
  return new UsageError(words, { cause: error });
}

async function pathOf(file: string): Promise<string> {
  await textOf("--ca", file);
  return resolve(file);
}

function textOf(option: string, file: string): Promise<string> {
  return reading(option, file, () => readFile(file, "utf8"));
}

async function reading<T>(option: string, path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new UsageError(`What ${option} names cannot be used: ${path}: ${cause.message}.`, { cause });
  }
}
