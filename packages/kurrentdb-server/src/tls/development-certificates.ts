import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { checkKeys, currentRuntime, InvalidArgument } from "@reactive-domain/core";
import { checkedTls, validToMs } from "./checked-tls.ts";
import { makeCertificates } from "./make-certificates.ts";
import type { TlsOptions } from "./tls-options.ts";

export interface DevelopmentCertificateOptions {
  /** The names and addresses by which clients reach the server. Default: `localhost`, `127.0.0.1`, `::1`. */
  readonly hosts?: readonly string[];
  /** For how many days a new certificate is good, 1 to 825. Default 365. */
  readonly days?: number;
}

const [AUTHORITY, CERT, KEY] = ["ca.crt", "server.crt", "server.key"];
/** Modes of files. */
const [PUBLIC, PRIVATE] = [0o644, 0o600];
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "::1"];
const DAY_MS = 86_400_000;
/** Some clients take none that is good for longer. */
const MAX_DAYS = 825;
/** Clocks of two machines differ. */
const EARLIER_MS = 3_600_000;
/** One that ends sooner is not used again. */
const LEAST_LEFT_MS = DAY_MS;

/**
 * Certificates for development, in a directory: made there where there are none, and used again while they are good for another day and for these hosts. Clients trust `ca.crt`, as the
 * `url` of the server tells them. The key of that authority is kept nowhere: nobody can sign anything else with it.
 *
 *     const server = await startServer(store, { tls: await developmentCertificates("certificates"), adminPassword });
 *
 * Errors: `invalid-argument`, and those of the file system.
 */
export async function developmentCertificates(directory: string, options: DevelopmentCertificateOptions = {}): Promise<TlsOptions> {
  const { hosts, days } = completeOptions(directory, options);
  const nowMs = currentRuntime().clock.now();
  const kept = await keptIn(directory);
  if (kept !== undefined && isGood(kept, hosts, nowMs)) return kept.tls;
  const { authority, cert, key } = makeCertificates({ hosts, fromMs: nowMs - EARLIER_MS, toMs: nowMs + days * DAY_MS });
  await mkdir(directory, { recursive: true });
  await replaceFile(join(directory, KEY), key, PRIVATE);
  await replaceFile(join(directory, CERT), cert, PUBLIC);
  await replaceFile(join(directory, AUTHORITY), authority, PUBLIC);
  return { cert, key, caFile: resolve(directory, AUTHORITY) };
}

function completeOptions(directory: string, options: DevelopmentCertificateOptions): Required<DevelopmentCertificateOptions> {
  if (typeof directory !== "string" || directory.trim() === "")
    throw new InvalidArgument("directory", "the path of a directory", directory);
  checkKeys("options", options, ["hosts", "days"]);
  const { hosts = LOCAL_HOSTS, days = 365 } = options;
  if (!Array.isArray(hosts) || hosts.length === 0) throw new InvalidArgument("options.hosts", "a list of names and addresses", hosts);
  const stray: unknown = hosts.find((host: unknown) => typeof host !== "string" || !isHost(host));
  if (stray !== undefined) throw new InvalidArgument("A host of options.hosts", "a name of a host in ASCII, or an address", stray);
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
    throw new InvalidArgument("options.days", `an integer from 1 to ${MAX_DAYS}`, days);
  return { hosts, days };
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9])?$/i.test(text);
}

interface Kept {
  readonly tls: TlsOptions;
  /** The certificate of the authority. */
  readonly authority: string;
}

async function keptIn(directory: string): Promise<Kept | undefined> {
  try {
    const [cert = "", key = "", authority = ""] = await Promise.all(
      [CERT, KEY, AUTHORITY].map((name) => readFile(join(directory, name), "utf8")),
    );
    return { tls: { cert, key, caFile: resolve(directory, AUTHORITY) }, authority };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether what is kept can be used again. Files that do not fit each other are left by a process that was killed while it made them. */
function isGood({ tls, authority }: Kept, hosts: readonly string[], nowMs: number): boolean {
  try {
    checkedTls(tls, nowMs);
    const [certificate, issuer] = [new X509Certificate(tls.cert), new X509Certificate(authority)];
    const isFor = (host: string): boolean => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
    return certificate.verify(issuer.publicKey) && validToMs(certificate) - nowMs > LEAST_LEFT_MS && hosts.every(isFor);
  } catch {
    return false;
  }
}

/** Nobody ever sees half a file. */
async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const written = `${file}.${process.pid}`;
  await writeFile(written, text, { mode });
  await rename(written, file);
}
