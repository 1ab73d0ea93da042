import { Agent, request } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { eventHeaders, send } from "./http-client.ts";
import { serve } from "./serve.ts";

describe("over HTTP/1.1 a server", () => {
  it("tells probes that it lives, with the status that they want", async () => {
    const { server } = await serve();
    expect(await send(server, "GET /health/live")).toMatchObject({ status: 204, body: undefined });
    expect(await send(server, "HEAD /health/live?liveCode=200")).toMatchObject({ status: 200 });
    expect(await send(server, "GET /health/live?liveCode=500")).toMatchObject({
      status: 400,
      reason: "liveCode must be an integer from 200 to 399.",
    });
  });

  it("tells probes whether its store answers", async () => {
    const { server, store } = await serve();
    expect(await send(server, "GET /health/ready")).toMatchObject({ status: 200, body: { status: "ready" } });
    await store.close();
    expect(await send(server, "GET /health/ready")).toMatchObject({ status: 503, reason: expect.stringContaining("closed") as string });
    expect(await send(server, "GET /health/live")).toMatchObject({ status: 204 });
  });

  it("tells what it is, and where", async () => {
    const { server } = await serve();
    const { host, port } = server;
    expect(await send(server, "GET /ping")).toMatchObject({ status: 200, body: { text: expect.any(String) as string } });
    expect(await send(server, "GET /info")).toMatchObject({
      status: 200,
      body: { dbVersion: "26.1.0", state: "leader", authentication: { type: "insecure" } },
    });
    expect(await send(server, "GET /gossip")).toMatchObject({
      status: 200,
      body: {
        members: [{ state: "Leader", isAlive: true, httpEndPointIp: host, httpEndPointPort: port }],
        serverIp: host,
        serverPort: port,
      },
    });
  });

  it.each([
    ["GET /", 404, "nothing at this path"],
    ["GET /streams/a", 405, "takes POST alone"],
    ["PUT /ping", 405, "takes GET alone"],
    ["OPTIONS /streams/a", 405, "takes POST alone"],
    ["POST /streams/%ff", 400, "must be UTF-8"],
    ["POST /streams/", 404, "nothing at this path"],
    ["GET /projection/none/statistics", 404, "none"],
    ["DELETE /projection/%24by_category", 501, "$by_category"],
    ["POST /projections/continuous?name=a&emit=true&trackemittedstreams=true", 501, "JavaScript"],
  ])("answers %s with %i and what is wrong", async (line, status, sentence) => {
    const { server } = await serve();
    expect(await send(server, line)).toMatchObject({
      status,
      reason: expect.stringContaining(sentence) as string,
      body: { error: expect.stringContaining(sentence) as string },
    });
  });

  it("lists projections, and does with them what is told", async () => {
    const { server } = await serve();
    const listed = await send(server, "GET /projections/continuous");
    expect((listed.body as { readonly projections: readonly { readonly name: string }[] }).projections.map(({ name }) => name)).toContain(
      "$by_category",
    );
    expect(await send(server, "GET /projections/transient")).toMatchObject({ status: 200, body: { projections: [] } });
    const statistics = "GET /projection/%24by_category/statistics";
    expect(await send(server, "POST /projection/%24by_category/command/disable")).toMatchObject({ status: 200, body: {} });
    expect(await send(server, statistics)).toMatchObject({ body: { projections: [{ status: "Stopped" }] } });
    expect(await send(server, "POST /projection/%24by_category/command/enable")).toMatchObject({ status: 200 });
    expect(await send(server, statistics)).toMatchObject({ body: { projections: [{ status: "Running" }] } });
  });

  it("says which methods a path takes", async () => {
    const { server } = await serve();
    expect((await send(server, "PATCH /streams/a")).headers.allow).toBe("POST");
  });

  it("answers one request after another over one connection", async () => {
    const { server } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ports: unknown[] = [];
    for (let times = 0; times < 3; times++) {
      const sent = request({ host: server.host, port: server.port, path: "/ping", agent }).end();
      const [response] = await once(sent, "response");
      ports.push(sent.socket?.localPort);
      await once(response.resume(), "end");
    }
    expect(new Set(ports).size).toBe(1);
  });

  it("survives a client that leaves in the middle of what it sends", async () => {
    const { server, store } = await serve();
    const socket = connect(server.port, server.host);
    await once(socket, "connect");
    socket.write(
      `POST /streams/a HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nes-eventtype: A\r\nes-eventid: ${crypto.randomUUID()}\r\ncontent-length: 100\r\n\r\n{`,
    );
    socket.destroy();
    expect(await send(server, "GET /ping")).toMatchObject({ status: 200 });
    expect(await store.streamInfo("a")).toMatchObject({ state: "missing" });
  });
});

/** A store whose writes wait until they are let go. */
function heldStore(): { readonly store: EventStore; readonly waiting: () => number; letGo(): void } {
  const store = createInMemoryStore();
  const waiting: (() => void)[] = [];
  const write = async (...given: Parameters<EventStore["write"]>) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
    return store.write(...given);
  };
  const held = new Proxy(store, {
    get: (target, key) => {
      const value: unknown = key === "write" ? write : Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { store: held, waiting: () => waiting.length, letGo: () => waiting.forEach((go) => go()) };
}

describe("a server that closes", () => {
  it("answers what was posted before, and keeps no connection that is idle", async () => {
    const { store, waiting, letGo } = heldStore();
    const { server } = await serve({ drainMs: 60_000 }, store);
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const idle = request({ host: server.host, port: server.port, path: "/ping", agent }).end();
    const [response] = await once(idle, "response");
    await once(response.resume(), "end");
    const answer = send(server, "POST /streams/a", { headers: eventHeaders(), body: "{}" });
    await vi.waitFor(() => expect(waiting()).toBe(1));
    const closed = server.close();
    letGo();
    expect(await answer).toMatchObject({ status: 201, headers: { connection: "close" } });
    await closed;
  });

  it("cuts off what takes longer than it waits", async () => {
    const { store, waiting, letGo } = heldStore();
    const { server } = await serve({ drainMs: 50 }, store);
    const answer = send(server, "POST /streams/a", { headers: eventHeaders(), body: "{}" });
    const outcome = answer.catch((error: unknown) => error);
    await vi.waitFor(() => expect(waiting()).toBe(1));
    await server.close();
    expect(await outcome).toMatchObject({ code: "ECONNRESET" });
    letGo();
  });
});
