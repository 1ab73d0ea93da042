import { sleep } from "@reactive-domain/core";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { certificates } from "../clients/certificates.ts";
import { outcomeOf, readAll } from "./raw-client.ts";
import { serve } from "./serve.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const SETTINGS_TYPE = 4;
const PING = "GET /ping HTTP/1.1\r\nhost: a\r\n\r\n";

function opened(server: { readonly port: number; readonly host: string }): Socket {
  const socket = connect(server.port, server.host);
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** All that comes until the connection is closed. */
async function untilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

async function firstBytes(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk;
}

async function encrypted(port: number, options: ConnectionOptions): Promise<{ readonly alpn: unknown; readonly version: unknown }> {
  const socket = connectTls({ port, host: "127.0.0.1", ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return { alpn: socket.alpnProtocol, version: socket.getProtocol() };
}

describe("a connection", () => {
  it("speaks HTTP/2 or HTTP/1.1, as its first bytes say, also where they come one by one", async () => {
    const { server } = await serve();
    const [http2, http1] = [opened(server), opened(server)];
    for (const byte of Buffer.concat([PREFACE, EMPTY_SETTINGS])) http2.write(Uint8Array.of(byte));
    expect((await firstBytes(http2))[3]).toBe(SETTINGS_TYPE);
    for (const character of PING) http1.write(character);
    expect((await firstBytes(http1)).toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ["bytes of nothing", Buffer.from([0, 1, 2, 3])],
    ["the beginning of TLS, where nothing is encrypted", Buffer.from([0x16, 3, 1, 0, 100])],
    ["small letters", Buffer.from("get / http/1.1\r\n\r\n")],
  ])("that begins with %s is cut off, and others are served", async (_name, bytes) => {
    const { server, client } = await serve();
    const socket = opened(server);
    socket.write(bytes);
    expect(await untilClosed(socket)).toBe("");
    expect((await outcomeOf(client.read(readAll()))).error).toBeUndefined();
  });

  it.each([
    ["that is no request", "GET\r\n\r\n"],
    ["whose headers are too long", `GET /ping HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`],
    ["that is half HTTP/2", "PRI * HTTP/1.1\r\n\r\n"],
  ])("with something %s is closed, and others are served", async (_name, text) => {
    const { server, client } = await serve();
    const socket = opened(server);
    socket.write(text);
    expect(await untilClosed(socket)).not.toContain("200 OK");
    expect((await outcomeOf(client.read(readAll()))).error).toBeUndefined();
  });

  it.each([
    ["says nothing", ""],
    ["says half of a word", "PR"],
  ])("that %s is cut off after a while", async (_name, text) => {
    const { server, client } = await serve({ greetingMs: 100 });
    const socket = opened(server);
    socket.write(text);
    expect(await untilClosed(socket)).toBe("");
    expect((await outcomeOf(client.read(readAll()))).error).toBeUndefined();
  });

  it("that has begun to speak is not cut off for having done so late", async () => {
    const { server } = await serve({ greetingMs: 100 });
    const socket = opened(server);
    socket.write(Buffer.concat([PREFACE, EMPTY_SETTINGS]));
    await firstBytes(socket);
    const begin = performance.now();
    await vi.waitUntil(() => performance.now() - begin > 300, { timeout: 2_000 });
    expect(socket.destroyed).toBe(false);
  });

  it("whose request never ends is cut off, also the second one", async () => {
    const { server } = await serve({ requestMs: 200 });
    const [first, second] = [opened(server), opened(server)];
    second.write(PING);
    await firstBytes(second);
    const drip = setInterval(() => [first, second].forEach((socket) => socket.write("GET /ping HTTP/1.1\r\nx: ".slice(0, 1))), 20);
    onTestFinished(() => clearInterval(drip));
    await Promise.all([untilClosed(first), untilClosed(second)]);
    expect([first.destroyed, second.destroyed]).toEqual([true, true]);
  });

  it("is cut off when a request does not end, though a body before it ended behind its answer", async () => {
    const { server } = await serve({ requestMs: 300 });
    const socket = opened(server);
    socket.write("GET /ping HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    await firstBytes(socket);
    socket.write("0\r\n\r\n");
    await sleep(50);
    socket.write("POST /streams/a HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nes-eventtype: a\r\n");
    socket.write("es-eventid: 5b0b4d2c-0d3a-4b7c-9a53-0c1b9a8f7e61\r\ncontent-length: 2\r\n\r\n");
    await untilClosed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it("beyond those that are taken is told so", async () => {
    const { server } = await serve({ maxConnections: 1 });
    const first = opened(server);
    await once(first, "connect");
    const second = opened(server);
    second.write(PING);
    expect((await firstBytes(second)).toString()).toMatch(/^HTTP\/1\.1 503 .*maxConnections/);
  });
});

describe("an encrypted connection", () => {
  it("is of TLS 1.2 at least, and agrees on HTTP/2 or HTTP/1.1", async () => {
    const tls = await certificates();
    const ca = await readFile(tls.caFile);
    const { server } = await serve({ tls });
    expect(await encrypted(server.port, { ca, ALPNProtocols: ["h2"] })).toEqual({ alpn: "h2", version: "TLSv1.3" });
    expect(await encrypted(server.port, { ca, ALPNProtocols: ["http/1.1"], maxVersion: "TLSv1.2" })).toEqual({
      alpn: "http/1.1",
      version: "TLSv1.2",
    });
    await expect(encrypted(server.port, { ca, maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow(
      /protocol/i,
    );
    await expect(encrypted(server.port, { ca, ALPNProtocols: ["smtp"] })).rejects.toThrow(/protocol/i);
  });

  it.each([
    ["nothing", ""],
    ["half of a greeting", Buffer.from([0x16, 3, 1])],
  ])("that sends %s is cut off after a while", async (_name, bytes) => {
    const { server } = await serve({ tls: await certificates(), greetingMs: 100 });
    const socket = opened(server);
    socket.write(bytes);
    await untilClosed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it("that greets and then says nothing is cut off after a while", async () => {
    const { server } = await serve({ tls: await certificates(), greetingMs: 200 });
    const socket = connectTls({ port: server.port, host: server.host, rejectUnauthorized: false });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    expect(await untilClosed(socket)).toBe("");
  });

  it.each([
    ["garbage", Buffer.alloc(100, 7)],
    ["what is not encrypted", Buffer.from(PING)],
    ["HTTP/2 that is not encrypted", PREFACE],
  ])("that begins with %s is closed, and others are served", async (_name, bytes) => {
    const tls = await certificates();
    const { server } = await serve({ tls });
    const socket = opened(server);
    socket.write(bytes);
    expect(await untilClosed(socket)).not.toContain("200 OK");
    expect((await encrypted(server.port, { ca: await readFile(tls.caFile) })).version).toBe("TLSv1.3");
  });
});
