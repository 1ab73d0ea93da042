import { status, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import { CannotListen, startServer } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvents } from "@reactive-domain/store-tests";
import { injectFaults } from "@reactive-domain/testing";
import { once } from "node:events";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { outcomeOf, rawClient, readAll, readStream, subscription, type RawClient, type ReadResp } from "./raw-client.ts";
import { serve } from "./serve.ts";

/** A store whose writes wait until they are let go. */
function heldStore(): { readonly store: EventStore; readonly waiting: () => number; letGo(): void } {
  const store = createInMemoryStore();
  const waiting: (() => void)[] = [];
  const held = new Proxy(store, {
    get: (target, key) => {
      if (key === "write")
        return async (...given: Parameters<EventStore["write"]>) => {
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
          });
          return target.write(...given);
        };
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { store: held, waiting: () => waiting.length, letGo: () => waiting.forEach((go) => go()) };
}

/** Appends an event, and resolves to the error, if there is one. */
function appended(client: RawClient, stream: string): Promise<ServiceError | null> {
  return new Promise((resolve) => {
    const call = client.append((error) => resolve(error));
    const [options, event] = [new streams.AppendReq(), new streams.AppendReq()];
    const identifier = new shared.StreamIdentifier();
    identifier.setStreamName(Buffer.from(stream).toString("base64"));
    const target = new streams.AppendReq.Options();
    target.setStreamIdentifier(identifier);
    target.setAny(new shared.Empty());
    options.setOptions(target);
    const proposed = new streams.AppendReq.ProposedMessage();
    const id = new shared.UUID();
    id.setString("01234567-89ab-4def-8123-456789abcdef");
    proposed.setId(id);
    proposed.getMetadataMap().set("type", "Placed").set("content-type", "application/json");
    proposed.setData(Buffer.from("{}"));
    event.setProposedMessage(proposed);
    call.write(options);
    call.write(event);
    call.end();
  });
}

async function confirmed(call: ClientReadableStream<ReadResp>): Promise<ClientReadableStream<ReadResp>> {
  await once(call, "readable");
  return call;
}

describe("a server that is closed", () => {
  it("ends subscriptions so that their clients come again, and is done long before its time", async () => {
    const { server, client } = await serve({ drainMs: 60_000 });
    const call = await confirmed(client.read(readAll(subscription)));
    const outcome = outcomeOf(call);
    await server.close();
    expect((await outcome).error).toMatchObject({ code: status.UNAVAILABLE, details: "The server is stopping. Connect again." });
  });

  it("answers writes that are under way", async () => {
    const { store, waiting, letGo } = heldStore();
    const { server, client } = await serve({}, store);
    const answer = appended(client, "a");
    await vi.waitFor(() => expect(waiting()).toBe(1));
    const closed = server.close();
    letGo();
    expect(await answer).toBeNull();
    await closed;
  });

  it("finishes reads that are under way", async () => {
    const { store, server, client } = await serve({ pageEvents: 10 });
    await store.append("a", newEvents(1_000), { expectedVersion: "noStream" });
    const call = await confirmed(client.read(readStream("a")));
    const outcome = outcomeOf(call);
    await server.close();
    expect((await outcome).error).toBeUndefined();
    expect((await outcome).messages).toHaveLength(1_000);
  });

  it("cuts off what takes longer than it waits", async () => {
    const { store, waiting, letGo } = heldStore();
    const { server, client } = await serve({ drainMs: 50 }, store);
    const answer = appended(client, "a");
    await vi.waitFor(() => expect(waiting()).toBe(1));
    await server.close();
    expect(await answer).not.toBeNull();
    letGo();
  });

  it("may be closed twice, and frees its port", async () => {
    const { store, server, client } = await serve();
    await outcomeOf(client.read(readAll()));
    await Promise.all([server.close(), server.close()]);
    await server.close();
    await using again = await startServer(store, { port: server.port, insecure: true });
    expect(again.port).toBe(server.port);
    expect((await outcomeOf(rawClient(again).read(readAll()))).error).toBeUndefined();
  });
});

describe("a server that cannot listen", () => {
  it("says why, and leaves nothing behind", async () => {
    const { store, server } = await serve();
    const second = startServer(store, { port: server.port, insecure: true });
    await expect(second).rejects.toThrow(CannotListen);
    await expect(second).rejects.toMatchObject({
      code: "cannot-listen",
      details: { host: "127.0.0.1", port: server.port, problem: "EADDRINUSE" },
    });
    await expect(startServer(store, { host: "203.0.113.1", port: 0, insecure: true })).rejects.toThrow(
      "this machine does not have that address",
    );
  });
});

describe("a store that fails", () => {
  it("while it is read is told, and the client may try again", async () => {
    const faults = injectFaults(createInMemoryStore());
    onTestFinished(() => faults.store.close());
    const { client } = await serve({ pageEvents: 2 }, faults.store);
    await faults.store.append("a", newEvents(5), { expectedVersion: "noStream" });
    faults.failReads({ afterEvents: 2 });
    const { messages, error } = await outcomeOf(client.read(readStream("a")));
    expect(messages).toHaveLength(2);
    expect(error?.code).toBe(status.UNAVAILABLE);
    expect((await outcomeOf(client.read(readStream("a")))).messages).toHaveLength(5);
  });

  it("while it is followed is told, and the client may come again", async () => {
    const faults = injectFaults(createInMemoryStore());
    const { client } = await serve({}, faults.store);
    const outcome = outcomeOf(await confirmed(client.read(readAll(subscription))));
    faults.dropSubscriptions();
    expect((await outcome).error?.code).toBe(status.UNAVAILABLE);
  });

  it("because it is closed is told as well", async () => {
    const { store, client } = await serve();
    const outcome = outcomeOf(await confirmed(client.read(readStream("a", subscription))));
    await store.close();
    expect((await outcome).error?.code).toBe(status.UNAVAILABLE);
    expect((await outcomeOf(client.read(readStream("a")))).error?.code).toBe(status.UNAVAILABLE);
  });
});
