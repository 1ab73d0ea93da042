import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_kp_serverAuth,
} from "@peculiar/asn1-x509";

/** For which names and addresses a certificate is, and how long, in milliseconds since 1970. */
export interface CertificateRequest {
  readonly hosts: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** PEM texts. */
export interface MadeCertificates {
  /** The certificate of the authority, for clients to trust. */
  readonly authority: string;
  /** The certificate of the server. */
  readonly cert: string;
  readonly key: string;
}

const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const SERIAL_BYTES = 16;
const PEM_LINE = /.{1,64}/g;

/** Makes an authority that signs one certificate of a server and is then forgotten: its key is kept nowhere, so that nobody can ever sign another one. RFC 5280. */
export function makeCertificates({ hosts, fromMs, toMs }: CertificateRequest): MadeCertificates {
  const [authority, server] = [keyPair(), keyPair()];
  const issuer = nameOf(`Reactive Domain development authority ${randomBytes(4).toString("hex")}`);
  const validity = new Validity({ notBefore: wholeSeconds(fromMs), notAfter: wholeSeconds(toMs) });
  const signed = (subject: Name, publicKey: KeyObject, extensions: readonly Extension[]): string =>
    signedBy(authority.privateKey, { issuer, validity, subject, publicKey, extensions });
  return {
    authority: signed(issuer, authority.publicKey, authorityExtensions()),
    cert: signed(nameOf("Reactive Domain development server"), server.publicKey, serverExtensions(hosts)),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

interface Statement {
  readonly issuer: Name;
  readonly validity: Validity;
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Extension[];
}

function signedBy(key: KeyObject, { issuer, validity, subject, publicKey, extensions }: Statement): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer,
    validity,
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  });
  const signatureValue = bufferOf(sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), key));
  return pemOf(AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue })));
}

function authorityExtensions(): readonly Extension[] {
  return [
    critical(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
    critical(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)),
  ];
}

function serverExtensions(hosts: readonly string[]): readonly Extension[] {
  const names = hosts.map((host) => new GeneralName(isIP(host) === 0 ? { dNSName: host } : { iPAddress: host }));
  return [
    critical(id_ce_basicConstraints, new BasicConstraints({ cA: false })),
    critical(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature)),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(names)),
  ];
}

function extension(extnID: string, value: object, isCritical = false): Extension {
  return new Extension({ extnID, critical: isCritical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function critical(extnID: string, value: object): Extension {
  return extension(extnID, value, true);
}

function nameOf(commonName: string): Name {
  const attribute = new AttributeTypeAndValue({ type: COMMON_NAME, value: new AttributeValue({ utf8String: commonName }) });
  return new Name([new RelativeDistinguishedName([attribute])]);
}

/** Positive, and never shorter than it is said to be: its first byte is neither 0 nor has its highest bit set. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bufferOf(bytes);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** Certificates have no parts of seconds. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1_000) * 1_000);
}

function pemOf(der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString("base64").match(PEM_LINE) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
