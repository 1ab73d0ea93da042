import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import { InvalidCertificate } from "../errors.ts";
import type { TlsOptions } from "./tls-options.ts";

/** Options as they were given, when connections can be encrypted with them now. Errors: `invalid-argument`, `invalid-certificate`. */
export function checkedTls(tls: TlsOptions, nowMs: number): TlsOptions {
  checkKeys("options.tls", tls, ["cert", "key", "caFile"]);
  checkPem("cert", tls.cert);
  checkPem("key", tls.key);
  if (tls.caFile !== undefined && (typeof tls.caFile !== "string" || tls.caFile.trim() === ""))
    throw new InvalidArgument("options.tls.caFile", "the path of a file", tls.caFile);
  const certificate = certificateOf(tls.cert);
  if (!certificate.checkPrivateKey(keyOf(tls.key)))
    throw new InvalidCertificate("The key is not that of the certificate. Give the two that were made together.");
  checkTime(certificate, nowMs);
  return tls;
}

/** Until when a certificate is good, in milliseconds since 1970. */
export function validToMs({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}

function checkPem(name: "cert" | "key", value: unknown): void {
  // What is wrong may be a key all the same: it is never shown.
  if (typeof value !== "string" && !Buffer.isBuffer(value))
    throw new InvalidArgument(`options.tls.${name}`, "PEM as text or a Buffer", typeof value);
}

function certificateOf(pem: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new InvalidCertificate(
      "The certificate is none that can be read. Give it as PEM, which begins with -----BEGIN CERTIFICATE-----.",
      { cause },
    );
  }
}

function keyOf(pem: string | Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new InvalidCertificate("The key is none that can be read. Give a private key as PEM, without a passphrase.", { cause });
  }
}

function checkTime(certificate: X509Certificate, nowMs: number): void {
  const { validFrom, validTo } = certificate;
  if (nowMs > validToMs(certificate)) throw new InvalidCertificate(`The certificate was good until ${validTo}. Give a new one.`);
  if (nowMs < Date.parse(validFrom))
    throw new InvalidCertificate(`The certificate is good from ${validFrom} on, which is not yet. Look at the clock of this machine.`);
}
