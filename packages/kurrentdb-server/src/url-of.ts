import type { TlsOptions } from "./tls/tls-options.ts";

/** What clients connect to. */
export function urlOf(host: string, port: number, tls: TlsOptions | undefined): string {
  const address = `kurrentdb://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (tls === undefined) return `${address}?tls=false`;
  return tls.caFile === undefined ? `${address}?tls=true` : `${address}?tls=true&tlsCAFile=${encodeURIComponent(tls.caFile)}`;
}
