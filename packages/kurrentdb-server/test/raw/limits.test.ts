import { status, type ClientReadableStream } from "@grpc/grpc-js";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { countReads } from "./counted-reads.ts";
import { inWords, outcomeOf, rawClient, readAll, readStream, resolvingLinks, subscription, type ReadResp } from "./raw-client.ts";
import { serve } from "./serve.ts";

const MIB = 1024 * 1024;
const MANY = 3_000;
const BIG = { data: JSON.stringify("x".repeat(10_000)) };

/** A call that nobody reads from until the test ends. */
function stalled(call: ClientReadableStream<ReadResp>): ClientReadableStream<ReadResp> {
  call.on("error", () => undefined);
  onTestFinished(() => call.cancel());
  return call;
}

async function confirmed(call: ClientReadableStream<ReadResp>): Promise<void> {
  stalled(call);
  const [message] = (await once(call, "data")) as [ReadResp];
  expect(inWords(message)).toBe("confirmation");
}

describe("a client that stops reading", () => {
  it.each([
    ["a read", readStream("a")],
    ["a subscription", readStream("a", subscription)],
  ])("costs %s little more than one page, and misses nothing", async (_name, request) => {
    const counted = countReads(createInMemoryStore());
    const { client, server } = await serve({ pageBytes: MIB }, counted.store);
    for (let index = 0; index < 10; index++) await counted.store.append("a", newEvents(MANY / 10, BIG), { expectedVersion: "any" });
    const stopped = stalled(client.read(request));
    // A client of grpc-js holds back what comes only when it has begun to read.
    await once(stopped, "readable");
    const { messages } = await outcomeOf(rawClient(server).read(readStream("a")));
    expect(messages).toHaveLength(MANY);
    // What the connection and the client hold, about 100 KB, and two pages: the one that is sent, and the one behind it.
    expect(counted.events - MANY).toBeLessThan(300);
    const taken: string[] = [];
    for await (const message of stopped) {
      if ((message as ReadResp).hasEvent()) taken.push((message as ReadResp).getEvent()?.getEvent()?.getStreamRevision() ?? "");
      if (taken.length === MANY) break;
    }
    expect(taken).toEqual(Array.from({ length: MANY }, (_, index) => String(index)));
  });

  it("costs no more where it follows links to large events, and misses none", async () => {
    const counted = countReads(createInMemoryStore());
    const { client } = await serve({ pageBytes: 100_000 }, counted.store);
    const links = Array.from({ length: 40 }, (_, index) => ({ type: "$>", contentType: "text/plain", data: `${index}@big` }));
    for (let index = 0; index < links.length; index++)
      await counted.store.append("big", [newEvent({ data: JSON.stringify("x".repeat(90_000)) })], { expectedVersion: "any" });
    await counted.store.append(
      "links",
      links.map((link) => newEvent(link)),
      { expectedVersion: "any", systemStreams: true },
    );
    const stopped = stalled(client.read(readStream("links", subscription, resolvingLinks)));
    await once(stopped, "readable");
    await vi.waitFor(() => expect(counted.events).toBeGreaterThan(links.length + 1));
    // Others are served behind what the first one could have read by then.
    expect((await outcomeOf(client.read(readStream("links")))).messages).toHaveLength(links.length);
    // Some that are on their way, one that waits, and one that was looked up and did not fit.
    expect(counted.events - 2 * links.length).toBeLessThan(9);
    const taken: string[] = [];
    for await (const message of stopped) {
      if ((message as ReadResp).hasEvent()) taken.push(inWords(message as ReadResp));
      if (taken.length === links.length) break;
    }
    expect(taken).toEqual(links.map((_, index) => `link ${index}@big -> ${index}@big`));
  });

  it("is cut off when it does not answer whether it is there", async () => {
    const { server } = await serve({ keepAliveMs: 50, keepAliveTimeoutMs: 50 });
    const socket = connect(server.port, server.host);
    socket.resume();
    // The preface of HTTP/2 and empty settings; then nothing more.
    socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]));
    await once(socket, "close");
    expect(socket.destroyed).toBe(true);
  });
});

describe("what is too much is refused in one sentence", () => {
  it("where one connection has too many reads", async () => {
    const { client, server } = await serve({ maxReadsPerConnection: 2 });
    const first = client.read(readAll(subscription));
    await confirmed(first);
    await confirmed(client.read(readAll(subscription)));
    const { error } = await outcomeOf(client.read(readAll()));
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: expect.stringContaining("maxReadsPerConnection") as string });
    expect((await outcomeOf(rawClient(server).read(readAll()))).error).toBeUndefined();
    first.cancel();
    await vi.waitFor(async () => expect((await outcomeOf(client.read(readAll()))).error).toBeUndefined());
  });

  it("where all connections have too many", async () => {
    const { client, server } = await serve({ maxReads: 1 });
    await confirmed(client.read(readAll(subscription)));
    const { error } = await outcomeOf(rawClient(server).read(readAll()));
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: expect.stringContaining("maxReads)") as string });
  });

  it("where there are too many connections, until there is room", async () => {
    const { client, server } = await serve({ maxConnections: 1 });
    expect((await outcomeOf(client.read(readAll()))).error).toBeUndefined();
    const other = rawClient(server);
    const { error } = await outcomeOf(other.read(readAll()));
    expect(error).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining("maxConnections") as string });
    client.close();
    await vi.waitFor(async () => expect((await outcomeOf(other.read(readAll()))).error).toBeUndefined());
  });

  it("where a message is too long", async () => {
    const { client } = await serve({ maxMessageBytes: 1_000 });
    const { error } = await outcomeOf(client.read(readStream("a".repeat(2_000))));
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
  });
});
