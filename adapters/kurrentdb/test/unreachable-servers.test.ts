import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { inspect } from "node:util";
import { openKurrentStore, type KurrentStoreOptions } from "@reactive-domain/kurrentdb";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const SECRET = "s3cr3t-word";
const IMPATIENT: KurrentStoreOptions = { retryForMs: 0, answerTimeoutMs: 500 };

/** A server of another kind, which does one thing with every connection; resolves to its port. */
async function listenTo(treat: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    treat(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function servedPort(port = 0): Promise<number> {
  const inside = createInMemoryStore();
  const server = await serve(inside, port);
  onTestFinished(async () => {
    await server.close();
    await inside.close();
  });
  return server.port;
}

const silent = () => listenTo((socket) => socket.resume());
const closing = () => listenTo((socket) => socket.destroy());
const web = () => listenTo((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));

const away = { code: "store-unavailable", retryable: true };

describe.each(["kurrentdb", "kurrentdb+discover"])("by a URL of %s", (scheme) => {
  const urlOf = (port: number, host = "127.0.0.1"): string =>
    `${scheme}://admin:${SECRET}@${host}:${port}?tls=false&maxDiscoverAttempts=2&discoveryInterval=5`;

  test("a store is opened, written and read", async () => {
    await using store = await openKurrentStore(urlOf(await servedPort()));
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    expect(await collect(store, { all: true })).toHaveLength(1);
  });

  test.each([
    ["where nobody listens", freePort],
    ["that accepts connections and never answers", silent],
    ["that closes connections at once", closing],
    ["that speaks another language", web],
  ])("a server %s is told as one that is away, without the password, and a store elsewhere can be opened then", async (_name, port) => {
    const error: unknown = await openKurrentStore(urlOf(await port()), IMPATIENT).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject(away);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
    await using store = await openKurrentStore(urlOf(await servedPort()));
    expect(await collect(store, { all: true })).toEqual([]);
  });

  test("a host that has no address is told as one that is away", async () => {
    const error: unknown = await openKurrentStore(urlOf(2113, "nowhere.invalid"), IMPATIENT).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject(away);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
  });

  test("a server that comes while the store is opened is waited for", async () => {
    const port = await freePort();
    const opening = openKurrentStore(urlOf(port), { retryForMs: 20_000, answerTimeoutMs: 2_000 });
    const early = await Promise.race([opening.then(() => "opened"), freePort().then(() => "waiting")]);
    await servedPort(port);
    await using store = await opening;
    expect(early).toBe("waiting");
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    expect(await collect(store, { all: true })).toHaveLength(1);
  }, 30_000);
});

test("of several hosts one that is there is found, and used for everything", async () => {
  const hosts = [await freePort(), await servedPort(), await closing()].map((port) => `127.0.0.1:${port}`).join();
  await using store = await openKurrentStore(`kurrentdb://admin:${SECRET}@${hosts}?tls=false&discoveryInterval=5`);
  await using subscription = store.subscribe({ all: true });
  await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  expect((await subscription.next()).value).toMatchObject({ kind: "events", events: [{ stream: "account-1" }] });
});

test("of several hosts none that is there is told as a store that is away", async () => {
  const hosts = [await freePort(), await closing()].map((port) => `127.0.0.1:${port}`).join();
  const url = `kurrentdb://admin:${SECRET}@${hosts}?tls=false&maxDiscoverAttempts=2&discoveryInterval=5`;
  const error: unknown = await openKurrentStore(url, IMPATIENT).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject(away);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
});
