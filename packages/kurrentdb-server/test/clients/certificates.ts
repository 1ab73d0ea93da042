import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TlsOptions } from "@reactive-domain/kurrentdb-server";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { makeCertificates, type CertificateRequest } from "../../src/tls/make-certificates.ts";

const HOUR_MS = 3_600_000;

/** Certificates for this machine, or others, within a test. */
export async function certificates(request: Partial<CertificateRequest> = {}): Promise<Required<TlsOptions>> {
  const now = Date.now();
  const { authority, cert, key } = makeCertificates({
    hosts: ["localhost", "127.0.0.1"],
    fromMs: now - HOUR_MS,
    toMs: now + HOUR_MS,
    ...request,
  });
  const caFile = join(temporaryDirectory(), "ca.crt");
  await writeFile(caFile, authority);
  return { cert, key, caFile };
}
