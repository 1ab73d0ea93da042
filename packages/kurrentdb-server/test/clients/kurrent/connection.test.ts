import { KurrentDBClient, UnavailableError, isCommandError, jsonEvent } from "@kurrent/kurrentdb-client";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { serve } from "../serve.ts";
import { connectTo, numbered, numbersOf, waysToAppend } from "./connect.ts";

const PATIENT = { timeout: 8000 };
const NOBODY = "127.0.0.1:1";

/** Writes, reads and follows, all that goes over its own connections. */
async function useOf(client: KurrentDBClient): Promise<readonly number[]> {
  await client.appendToStream("account-1", numbered(2));
  const read = await collect(client.readStream("account-1"));
  const followed = [];
  for await (const entry of client.subscribeToAll()) {
    followed.push(entry);
    if (followed.length === 2) break;
  }
  return [read.length, followed.length];
}

describe.each(everyStore)("a client of $name", ({ open }) => {
  it("finds the server that it is told of, by gossip and without", async () => {
    const { host, port } = await serve(open);
    const client = connectTo(`kurrentdb+discover://${host}:${port}?tls=false`);
    expect(await useOf(client)).toEqual([2, 2]);
  });

  it.each(waysToAppend)(
    "is told of each append $way while the server closes, and what it was told is done is there",
    { timeout: 30_000 },
    async ({ options }) => {
      const store = await open();
      const server = await startServer(store, { port: 0, insecure: true });
      onTestFinished(() => server.close());
      const client = connectTo(server.url);
      await client.appendToStream("account-0", numbered(1), options);
      const appends = Array.from({ length: 200 }, (_, number) =>
        client.appendToStream(`account-${number % 10}`, jsonEvent({ type: "counted", data: { number } }), options),
      );
      await appends[0];
      const closing = server.close();
      const outcomes = await Promise.allSettled(appends);
      await closing;
      const again = await startServer(store, { port: 0, insecure: true });
      onTestFinished(() => again.close());
      const stored = numbersOf(await collect(connectTo(again.url).readAll())).slice(1);
      const done = outcomes.flatMap(({ status }, number) => (status === "fulfilled" ? [number] : []));
      expect(done.filter((number) => !stored.includes(number))).toEqual([]);
      expect(new Set(stored).size).toBe(stored.length);
      expect(
        outcomes.flatMap((outcome) =>
          outcome.status === "rejected" && !isCommandError(outcome.reason as Error) ? [outcome.reason as unknown] : [],
        ),
      ).toEqual([]);
    },
  );

  it("goes on when the server is closed and served again at the same port", { timeout: 30_000 }, async () => {
    const store = await open();
    const first = await startServer(store, { port: 0, insecure: true });
    onTestFinished(() => first.close());
    const client = connectTo(first.url);
    await client.appendToStream("account-1", numbered(3));
    const before = follow(client.subscribeToAll());
    await vi.waitFor(() => expect(before.entries).toHaveLength(3), PATIENT);
    await first.close();
    await vi.waitFor(() => expect(before.errors.length).toBeGreaterThan(0), PATIENT);
    expect(before.errors[0]).toBeInstanceOf(UnavailableError);
    const second = await startServer(store, { port: first.port, insecure: true });
    onTestFinished(() => second.close());
    const event = jsonEvent({ type: "later", data: {} });
    await vi.waitFor(() => client.appendToStream("account-1", event, { streamState: 2n }), { timeout: 15_000, interval: 100 });
    await vi.waitFor(async () => expect(await collect(client.readStream("account-1"))).toHaveLength(4), { timeout: 10_000, interval: 100 });
    const last = before.entries.at(-1)?.event?.position ?? "start";
    const after = follow(client.subscribeToAll({ fromPosition: last }));
    await vi.waitFor(() => expect(after.entries.map((entry) => entry.event?.id)).toEqual([event.id]), PATIENT);
  });
});

describe("a client", () => {
  const open = async () => {
    const store = createInMemoryStore();
    onTestFinished(() => store.close());
    return store;
  };

  it.each(["leader", "follower", "readOnlyReplica", "random"])(
    "that prefers a node that is %s takes the only one there is",
    async (preference) => {
      const { host, port } = await serve(async () => open());
      const client = connectTo(`kurrentdb+discover://${host}:${port}?tls=false&nodePreference=${preference}`);
      expect(await useOf(client)).toEqual([2, 2]);
    },
  );

  it("finds the server among several hosts", { timeout: 20_000 }, async () => {
    const { host, port } = await serve(open);
    const urls = [`kurrentdb://${host}:${port},${NOBODY}?tls=false`, `kurrentdb://${NOBODY},${host}:${port}?tls=false`];
    const uses = [];
    for (const url of urls) uses.push(await useOf(connectTo(url)));
    expect(uses).toEqual([
      [2, 2],
      [4, 2],
    ]);
  });

  it.each(["kurrentdb", "kurrent", "kdb"])("connects by %s://", async (scheme) => {
    const { host, port } = await serve(open);
    expect(await useOf(connectTo(`${scheme}://${host}:${port}?tls=false&connectionName=bank`))).toEqual([2, 2]);
  });

  it("may have a name, and credentials that a server without TLS is not told", async () => {
    const { host, port } = await serve(open);
    expect(await useOf(connectTo(`kurrentdb://admin:changeit@${host}:${port}?tls=false&connectionName=bank`))).toEqual([2, 2]);
  });

  it("that asks often whether the server is alive keeps its connection", async () => {
    const { url } = await serve(open);
    const client = connectTo(`${url}&keepAliveInterval=100&keepAliveTimeout=1000`);
    const followed = follow(client.subscribeToAll());
    const begin = performance.now();
    await vi.waitUntil(() => performance.now() - begin > 3000, { timeout: 5000 });
    await client.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect(followed.entries).toHaveLength(1), PATIENT);
    expect(followed.errors).toEqual([]);
  });

  it("need not ask whether the server is alive", async () => {
    const { url } = await serve(open);
    expect(await useOf(connectTo(`${url}&keepAliveInterval=-1`))).toEqual([2, 2]);
  });

  it("asks for a leader and gets it", async () => {
    const { url } = await serve(open);
    const client = connectTo(url);
    await client.appendToStream("account-1", numbered(1), { requiresLeader: true });
    expect(await collect(client.readStream("account-1", { requiresLeader: true }))).toHaveLength(1);
  });

  it("that is disposed of ends its subscriptions, and the server closes at once", async () => {
    const server = await serve(open);
    const client = KurrentDBClient.connectionString(server.url);
    await client.appendToStream("account-1", numbered(1));
    const followed = [follow(client.subscribeToAll()), follow(client.subscribeToStream("account-1"))];
    await vi.waitFor(() => expect(followed.map(({ entries }) => entries.length)).toEqual([1, 1]), PATIENT);
    await client.dispose();
    await server.close();
    expect(followed.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
