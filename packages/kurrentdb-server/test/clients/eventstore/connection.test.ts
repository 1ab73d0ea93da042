import { EventStoreDBClient, UnavailableError } from "@eventstore/db-client";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { serve } from "../serve.ts";
import { connectTo, numbered } from "./connect.ts";

const PATIENT = { timeout: 8000 };

async function open() {
  const store = createInMemoryStore();
  onTestFinished(() => store.close());
  return store;
}

/** Writes, reads and follows. */
async function useOf(client: EventStoreDBClient): Promise<readonly number[]> {
  await client.appendToStream("account-1", numbered(2));
  const read = await collect(client.readStream("account-1"));
  const followed = [];
  for await (const entry of client.subscribeToAll()) {
    followed.push(entry);
    if (followed.length === 2) break;
  }
  return [read.length, followed.length];
}

describe("a client", () => {
  it("finds the server by gossip, and among several hosts", async () => {
    const { host, port } = await serve(open);
    const urls = [
      `esdb+discover://${host}:${port}?tls=false`,
      `esdb://127.0.0.1:1,${host}:${port}?tls=false&nodePreference=leader`,
      `esdb://${host}:${port}?tls=false`,
    ];
    const uses = [];
    for (const url of urls) uses.push(await useOf(connectTo(url)));
    expect(uses).toEqual([
      [2, 2],
      [4, 2],
      [6, 2],
    ]);
  });

  it("is made of options as well as of a text", async () => {
    const { host, port } = await serve(open);
    const client = new EventStoreDBClient({ endpoint: { address: host, port }, connectionName: "bank" }, { insecure: true });
    onTestFinished(() => client.dispose());
    expect(await useOf(client)).toEqual([2, 2]);
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

  it("goes on when the server is closed and served again at the same port", { timeout: 30_000 }, async () => {
    const store = await open();
    const first = await startServer(store, { port: 0, insecure: true });
    onTestFinished(() => first.close());
    const client = connectTo(first.url);
    await client.appendToStream("account-1", numbered(3));
    const before = follow(client.subscribeToStream("account-1"));
    await vi.waitFor(() => expect(before.entries).toHaveLength(3), PATIENT);
    await first.close();
    await vi.waitFor(() => expect(before.errors.length).toBeGreaterThan(0), PATIENT);
    expect(before.errors[0]).toBeInstanceOf(UnavailableError);
    const second = await startServer(store, { port: first.port, insecure: true });
    onTestFinished(() => second.close());
    const events = numbered(1);
    await vi.waitFor(() => client.appendToStream("account-1", events, { expectedRevision: 2n }), { timeout: 15_000, interval: 100 });
    const after = follow(client.subscribeToStream("account-1", { fromRevision: 2n }));
    await vi.waitFor(() => expect(after.entries.map(({ event }) => event?.id)).toEqual(events.map(({ id }) => id)), PATIENT);
  });

  it("that is disposed of ends its subscriptions, and the server closes at once", async () => {
    const server = await serve(open);
    const client = connectTo(server.url);
    await client.appendToStream("account-1", numbered(1));
    const followed = [follow(client.subscribeToAll()), follow(client.subscribeToStream("account-1"))];
    await vi.waitFor(() => expect(followed.map(({ entries }) => entries.length)).toEqual([1, 1]), PATIENT);
    await client.dispose();
    await server.close();
    expect(followed.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
