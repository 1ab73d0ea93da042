import { X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, withRuntime } from "@reactive-domain/core";
import { developmentCertificates, InvalidCertificate, startServer } from "@reactive-domain/kurrentdb-server";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { describe, expect, it } from "vitest";

const DAY_MS = 86_400_000;

function daysFromNow<T>(days: number, work: () => T): T {
  return withRuntime({ clock: { ...systemClock, now: () => Date.now() + days * DAY_MS } }, work);
}

describe("certificates for development", () => {
  it("are made once, for this machine, and only their owner may read the key", async () => {
    const directory = join(temporaryDirectory(), "made", "here");
    const tls = await developmentCertificates(directory);
    expect((await readdir(directory)).toSorted()).toEqual(["ca.crt", "server.crt", "server.key"]);
    expect((await stat(join(directory, "server.key"))).mode & 0o777).toBe(0o600);
    expect(tls.caFile).toBe(join(directory, "ca.crt"));
    const [server, authority] = [new X509Certificate(tls.cert), new X509Certificate(await readFile(tls.caFile ?? ""))];
    expect(server.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
    expect([server.ca, authority.ca]).toEqual([false, true]);
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(await developmentCertificates(directory)).toEqual(tls);
  });

  it("are good for as many days as asked for, and made again on the last of them", async () => {
    const directory = temporaryDirectory();
    const first = await developmentCertificates(directory, { days: 3 });
    const lastMs = Date.parse(new X509Certificate(first.cert).validTo);
    expect(Math.round((lastMs - Date.now()) / DAY_MS)).toBe(3);
    expect(await daysFromNow(1.9, () => developmentCertificates(directory, { days: 3 }))).toEqual(first);
    expect(await daysFromNow(2.1, () => developmentCertificates(directory, { days: 3 }))).not.toEqual(first);
  });

  it("are made again for hosts that they were not made for", async () => {
    const directory = temporaryDirectory();
    const first = await developmentCertificates(directory);
    expect(await developmentCertificates(directory, { hosts: ["127.0.0.1"] })).toEqual(first);
    const other = await developmentCertificates(directory, { hosts: ["db.example.com", "10.0.0.7"] });
    expect(new X509Certificate(other.cert).subjectAltName).toBe("DNS:db.example.com, IP Address:10.0.0.7");
  });

  it.each(["ca.crt", "server.crt", "server.key"])("are made again where %s is of others, as after a crash", async (name) => {
    const [directory, elsewhere] = [temporaryDirectory(), temporaryDirectory()];
    const first = await developmentCertificates(directory);
    await developmentCertificates(elsewhere);
    await writeFile(join(directory, name), await readFile(join(elsewhere, name)));
    expect(await developmentCertificates(directory)).not.toEqual(first);
  });

  it("are not made over what cannot be read", async () => {
    const directory = temporaryDirectory();
    await mkdir(join(directory, "server.key"));
    await writeFile(join(directory, "server.crt"), "");
    await writeFile(join(directory, "ca.crt"), "");
    await expect(developmentCertificates(directory)).rejects.toMatchObject({ code: "EISDIR" });
  });

  it.each([
    ["", {}, "directory"],
    ["a", { hosts: [] }, "options.hosts"],
    ["a", { hosts: ["a b"] }, "A host of options.hosts"],
    ["a", { hosts: ["*.example.com"] }, "A host of options.hosts"],
    ["a", { days: 0 }, "options.days"],
    ["a", { days: 826 }, "options.days"],
    ["a", { days: 1, day: 1 }, "A key of the options"],
  ])("in %j with %j are refused", async (directory, options, argument) => {
    await expect(developmentCertificates(directory, options)).rejects.toMatchObject({ code: "invalid-argument", details: { argument } });
  });
});

describe("a server", () => {
  const start = async (options: object) => startServer(createInMemoryStore(), { port: 0, insecure: true, ...options });

  it("is not started without encryption, unless that is said", async () => {
    await expect(startServer(createInMemoryStore(), { port: 0 })).rejects.toMatchObject({
      code: "invalid-argument",
      details: { argument: "options.tls" },
      message: expect.stringContaining("insecure: true") as string,
    });
  });

  it("is not started with a certificate that is over, or not good yet", async () => {
    const tls = await developmentCertificates(temporaryDirectory(), { days: 3 });
    await expect(daysFromNow(4, () => start({ tls }))).rejects.toThrow("The certificate was good until");
    await expect(daysFromNow(-4, () => start({ tls }))).rejects.toThrow("which is not yet");
  });

  it("is not started with what does not fit, and shows nothing of a key", async () => {
    const [one, other] = [await developmentCertificates(temporaryDirectory()), await developmentCertificates(temporaryDirectory())];
    await expect(start({ tls: { ...one, key: other.key } })).rejects.toThrow("The key is not that of the certificate");
    await expect(start({ tls: { ...one, cert: "none" } })).rejects.toThrow(InvalidCertificate);
    await expect(start({ tls: { ...one, key: "-----BEGIN PRIVATE KEY-----\nsecret" } })).rejects.toMatchObject({
      code: "invalid-certificate",
      message: "The key is none that can be read. Give a private key as PEM, without a passphrase.",
    });
    await expect(start({ tls: { ...one, key: { secret: 1 } } })).rejects.toThrow("options.tls.key must be PEM as text or a Buffer");
    await expect(start({ tls: { ...one, caFile: " " } })).rejects.toThrow("options.tls.caFile must be the path of a file");
    await expect(start({ tls: { ...one, ca: "a" } })).rejects.toThrow("must be one of cert, key, caFile");
  });
});
