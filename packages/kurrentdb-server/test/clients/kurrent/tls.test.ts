import { get } from "node:https";
import { readFile } from "node:fs/promises";
import { jsonEvent, KurrentDBClient, UnavailableError } from "@kurrent/kurrentdb-client";
import { systemClock, withRuntime } from "@reactive-domain/core";
import { developmentCertificates, type KurrentServer, type ServerOptions } from "@reactive-domain/kurrentdb-server";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { certificates } from "../certificates.ts";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { serve } from "../serve.ts";
import { connectTo, numbered, numbersOf } from "./connect.ts";

const DAY_MS = 86_400_000;
const PATIENT = { timeout: 8_000 };

describe.each(everyStore)("over TLS a client of $name", ({ open }) => {
  it("writes, reads and follows by the URL that the server tells", async () => {
    const server = await serve(open, { tls: await developmentCertificates(temporaryDirectory()) });
    expect(server.url).toMatch(/^kurrentdb:\/\/localhost:\d+\?tls=true&tlsCAFile=%2F/);
    const client = connectTo(server.url);
    const followed = follow(client.subscribeToStream("account-1"));
    await client.appendToStream("account-1", numbered(3));
    await client.appendToStream("account-1", numbered(1), { credentials: { username: "ann", password: "secret" } });
    await client.multiStreamAppend([{ streamName: "account-2", expectedState: "no_stream", events: numbered(1) }]);
    expect(await collect(client.readStream("account-1"))).toHaveLength(4);
    expect((await collect(client.readAll())).length).toBeGreaterThan(4);
    await vi.waitFor(() => expect(followed.entries).toHaveLength(4), PATIENT);
  });

  it("reads what needs many packets", async () => {
    const server = await serve(open, { tls: await developmentCertificates(temporaryDirectory()) });
    const client = connectTo(server.url);
    const large = (number: number) => jsonEvent({ type: "large", data: { number, text: "x".repeat(100_000) } });
    for (let first = 0; first < 90; first += 9)
      await client.appendToStream(
        "large-1",
        Array.from({ length: 9 }, (_, index) => large(first + index)),
      );
    expect(numbersOf(await collect(client.readStream("large-1")))).toEqual(Array.from({ length: 90 }, (_, index) => index));
  });
});

async function inMemory(options: ServerOptions): Promise<KurrentServer> {
  const store = createInMemoryStore();
  onTestFinished(() => store.close());
  return serve(async () => store, options);
}

/** What a client is refused with on each of its ways to the server: reads go another one than the rest. */
async function refusalsOf(url: string): Promise<readonly unknown[]> {
  const client = connectTo(url);
  return [await refusalOf(client.deleteStream("account-1")), await refusalOf(collect(client.readStream("account-1")))];
}

const BOTH_UNAVAILABLE = [expect.any(UnavailableError), expect.any(UnavailableError)];

async function isServing({ url }: KurrentServer): Promise<boolean> {
  const client = connectTo(url);
  await client.appendToStream("served-1", numbered(1));
  return (await collect(client.readStream("served-1"))).length > 0;
}

describe("a client that cannot trust the server has its own error, and others are served", { timeout: 30_000 }, () => {
  it("where the certificate is over", async () => {
    const tls = await certificates({ fromMs: Date.now() - 2 * DAY_MS, toMs: Date.now() - DAY_MS });
    const yesterday = { ...systemClock, now: () => Date.now() - 1.5 * DAY_MS };
    const server = await withRuntime({ clock: yesterday }, () => inMemory({ tls }));
    expect(await refusalsOf(server.url)).toEqual(BOTH_UNAVAILABLE);
  });

  it("where the certificate is for another host", async () => {
    const tls = await certificates({ hosts: ["db.example.com"] });
    const server = await inMemory({ tls });
    expect(server.url).toContain("//127.0.0.1:");
    expect(await refusalsOf(server.url)).toEqual(BOTH_UNAVAILABLE);
  });

  it("where the authority is another one", async () => {
    const server = await inMemory({ tls: await certificates() });
    const { caFile } = await certificates();
    const url = `kurrentdb://127.0.0.1:${server.port}?tls=true&tlsCAFile=${encodeURIComponent(caFile)}`;
    expect(await refusalsOf(url)).toEqual(BOTH_UNAVAILABLE);
    expect(await isServing(server)).toBe(true);
  });

  it("where it does not encrypt, and the server does", async () => {
    const server = await inMemory({ tls: await certificates() });
    expect(await refusalsOf(`kurrentdb://127.0.0.1:${server.port}?tls=false`)).toEqual(BOTH_UNAVAILABLE);
    expect(await isServing(server)).toBe(true);
  });

  it("where it encrypts, and the server does not", async () => {
    const server = await inMemory({});
    expect(await refusalsOf(`kurrentdb://127.0.0.1:${server.port}?tls=true`)).toEqual(BOTH_UNAVAILABLE);
    expect(await isServing(server)).toBe(true);
  });
});

describe("over TLS", () => {
  it("a client need not check the certificate", async () => {
    const server = await inMemory({ tls: await certificates({ hosts: ["db.example.com"] }) });
    const client = connectTo(`kurrentdb://127.0.0.1:${server.port}?tls=true&tlsVerifyCert=false`);
    await client.appendToStream("account-1", numbered(1));
    expect(await collect(client.readStream("account-1"))).toHaveLength(1);
  });

  it("a server is found by gossip", async () => {
    const server = await inMemory({ tls: await certificates() });
    const client = connectTo(server.url.replace("kurrentdb://", "kurrentdb+discover://"));
    await client.appendToStream("account-1", numbered(1));
    expect(await collect(client.readStream("account-1"))).toHaveLength(1);
  });

  it("a server that closes ends subscriptions, and is done long before its time", async () => {
    const server = await inMemory({ tls: await certificates(), drainMs: 60_000 });
    const client = KurrentDBClient.connectionString(server.url);
    onTestFinished(() => client.dispose());
    await client.appendToStream("account-1", numbered(1));
    const followed = follow(client.subscribeToAll());
    await vi.waitFor(() => expect(followed.entries).toHaveLength(1), PATIENT);
    await server.close();
    await vi.waitFor(() => expect(followed.errors[0]).toBeInstanceOf(UnavailableError), PATIENT);
  });

  it("HTTP/1.1 is answered at the same port", async () => {
    const tls = await certificates();
    const server = await inMemory({ tls });
    const ca = await readFile(tls.caFile);
    const status = await new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port: server.port, path: "/ping", ca, agent: false }, (response) =>
        resolve(response.resume().statusCode),
      ).once("error", reject);
    });
    expect(status).toBe(200);
  });
});
