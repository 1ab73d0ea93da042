import { X509Certificate } from "node:crypto";
import type { TlsOptions } from "./tls/tls-options.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1"]);

/** What clients connect to. Of this machine, by its name where the certificate has that: a name is what TLS asks for, and Node warns of an address. */
export function urlOf(host: string, port: number, tls: TlsOptions | undefined): string {
  const name = tls !== undefined && LOOPBACK.has(host) && isForLocalhost(tls) ? "localhost" : host;
  const address = `kurrentdb://${name.includes(":") ? `[${name}]` : name}:${port}`;
  if (tls === undefined) return `${address}?tls=false`;
  return tls.caFile === undefined ? `${address}?tls=true` : `${address}?tls=true&tlsCAFile=${encodeURIComponent(tls.caFile)}`;
}

function isForLocalhost({ cert }: TlsOptions): boolean {
  return new X509Certificate(cert).checkHost("localhost") !== undefined;
}
