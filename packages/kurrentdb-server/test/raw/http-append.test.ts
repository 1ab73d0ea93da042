import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvents } from "@reactive-domain/store-tests";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventHeaders, send } from "./http-client.ts";
import { serve } from "./serve.ts";

const ID = "01234567-89ab-4def-8123-456789abcdef";
const SEVERAL = "application/vnd.eventstore.events+json";

async function storedIn(store: EventStore, stream: string): Promise<readonly object[]> {
  const found: object[] = [];
  for await (const { id, type, data, metadata, contentType } of store.read({ stream }))
    found.push({ id, type, data, metadata, contentType });
  return found;
}

describe("an event that is posted", () => {
  it("is appended as it was sent, and told where it is", async () => {
    const { server, store } = await serve();
    const body = '{ "amountCents": 1 }';
    const answer = await send(server, "POST /streams/account%2F1", { headers: eventHeaders({ "es-eventid": ID.toUpperCase() }), body });
    expect(answer).toMatchObject({
      status: 201,
      body: { stream: "account/1", version: 0 },
      headers: { location: "/streams/account%2F1/0" },
    });
    expect(await storedIn(store, "account/1")).toEqual([
      { id: ID, type: "AmountDeposited", data: body, metadata: "{}", contentType: "application/json" },
    ]);
  });

  it("may be bytes, and have the newer names of headers", async () => {
    const { server, store } = await serve();
    const headers = { "content-type": "application/octet-stream", "kurrent-eventtype": "Scanned", "kurrent-eventid": ID };
    expect(await send(server, "POST /streams/scan-1", { headers, body: Buffer.from([0, 255]) })).toMatchObject({ status: 201 });
    expect(await storedIn(store, "scan-1")).toMatchObject([{ id: ID, type: "Scanned", data: Uint8Array.of(0, 255) }]);
  });

  it("without an id is sent on to where it has one, and written there once", async () => {
    const { server, store } = await serve();
    const headers = { "content-type": "application/json", "es-eventtype": "AmountDeposited" };
    const first = await send(server, "POST /streams/account-1", { headers, body: "{}" });
    expect(first).toMatchObject({
      status: 307,
      headers: { location: expect.stringMatching(/^\/streams\/account-1\/incoming\/[0-9a-f-]{36}$/) as string },
    });
    expect(await storedIn(store, "account-1")).toEqual([]);
    for (let times = 0; times < 2; times++)
      expect(await send(server, `POST ${first.headers.location}`, { headers, body: "{}" })).toMatchObject({
        status: 201,
        body: { version: 0 },
      });
    expect(await storedIn(store, "account-1")).toHaveLength(1);
  });

  it.each([
    ["-1", 201],
    ["-2", 201],
    ["0", 400],
    ["-4", 400],
  ])("is written to a stream that is not there where %s is expected of it: %i", async (expected, status) => {
    const { server } = await serve();
    expect(await send(server, "POST /streams/a", { headers: eventHeaders({ "es-expectedversion": expected }), body: "{}" })).toMatchObject({
      status,
    });
  });

  it("is refused where the stream is elsewhere, and told where", async () => {
    const { server, store } = await serve();
    await store.append("a", newEvents(3), { expectedVersion: "noStream" });
    const refused = await send(server, "POST /streams/a", { headers: eventHeaders({ "es-expectedversion": "1" }), body: "{}" });
    expect(refused).toMatchObject({
      status: 400,
      reason: expect.stringContaining("at revision 1, but is at 2") as string,
      headers: { "es-currentversion": "2" },
    });
    expect(await send(server, "POST /streams/a", { headers: eventHeaders({ "es-expectedversion": "2" }), body: "{}" })).toMatchObject({
      body: { version: 3 },
    });
  });
});

describe("several events that are posted", () => {
  it("are appended together", async () => {
    const { server, store } = await serve();
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const events = [
      { eventId: one, eventType: "Opened", data: { owner: "Ann" } },
      { eventId: other, eventType: "Closed", data: null, metadata: { by: "Bob" } },
    ];
    expect(
      await send(server, "POST /streams/a", { headers: { "content-type": `${SEVERAL}; charset=utf-8` }, body: JSON.stringify(events) }),
    ).toMatchObject({ status: 201, body: { version: 1 } });
    expect(await storedIn(store, "a")).toMatchObject([
      { id: one, type: "Opened", data: '{"owner":"Ann"}', metadata: "{}" },
      { id: other, type: "Closed", data: "null", metadata: '{"by":"Bob"}' },
    ]);
  });

  it.each([
    ["no JSON", "[", "must be JSON"],
    ["no list", "{}", "must be a list of events"],
    ["an empty list", "[]", "must be a list of events"],
    ["no object", "[1]", "Event 0 of the body has no eventType"],
    ["no type", `[{"eventId":"${ID}"}]`, "Event 0 of the body has no eventType"],
    ["no id", '[{"eventType":"A"}]', "must be a UUID"],
    ["the same id twice", `[{"eventType":"A","eventId":"${ID}"},{"eventType":"B","eventId":"${ID}"}]`, ID],
  ])("are refused where the body is or has %s", async (_name, body, sentence) => {
    const { server, store } = await serve();
    const refused = await send(server, "POST /streams/a", { headers: { "content-type": SEVERAL }, body });
    expect(refused).toMatchObject({
      status: 400,
      reason: expect.stringContaining(sentence) as string,
      body: { error: expect.stringContaining(sentence) as string },
    });
    expect(await storedIn(store, "a")).toEqual([]);
  });
});

describe("a post is refused in one sentence", () => {
  it.each([
    ["without a type", { headers: eventHeaders({ "es-eventtype": "" }), body: "{}" }, 400, "ES-EventType"],
    ["with an id that is none", { headers: eventHeaders({ "es-eventid": "1" }), body: "{}" }, 400, "must be a UUID"],
    ["with a body that is no JSON", { headers: eventHeaders(), body: "{" }, 400, "must be JSON"],
    ["with an expectation that is none", { headers: eventHeaders({ "es-expectedversion": "soon" }), body: "{}" }, 400, "soon"],
    [
      "with a content that is not taken",
      { headers: eventHeaders({ "content-type": "text/xml" }), body: "<a/>" },
      415,
      "content type must be one of application/json",
    ],
    ["from the page of a browser", { headers: eventHeaders({ origin: "https://evil.example.com" }), body: "{}" }, 403, "Pages of browsers"],
  ])("%s", async (_name, sent, status, sentence) => {
    const { server, store } = await serve();
    expect(await send(server, "POST /streams/a", sent)).toMatchObject({
      status,
      reason: expect.stringContaining(sentence) as string,
    });
    expect(await storedIn(store, "a")).toEqual([]);
  });

  it.each(["$all", "$ce-account", "$et-AmountDeposited"])("to %s, which is made of others", async (stream) => {
    const { server } = await serve();
    expect(await send(server, `POST /streams/${encodeURIComponent(stream)}`, { headers: eventHeaders(), body: "{}" })).toMatchObject({
      status: 401,
      reason: expect.stringContaining("is made of the events of other streams") as string,
    });
  });

  it("to a stream that is deleted for ever", async () => {
    const { server, store } = await serve();
    await store.append("a", newEvents(1), { expectedVersion: "noStream" });
    await store.write([{ kind: "tombstone", stream: "a", expectedVersion: "any" }]);
    expect(await send(server, "POST /streams/a", { headers: eventHeaders(), body: "{}" })).toMatchObject({
      status: 410,
      reason: "Stream a is deleted.",
    });
  });

  it("whose event is too large, or whose body is", async () => {
    const { server } = await serve({ maxAppendBytes: 100, maxMessageBytes: 10_000 });
    const [event, body] = [JSON.stringify("x".repeat(200)), JSON.stringify("x".repeat(1_000_000))];
    expect(await send(server, "POST /streams/a", { headers: eventHeaders(), body: event })).toMatchObject({
      status: 413,
      reason: expect.stringContaining("100 bytes together") as string,
    });
    expect(await send(server, "POST /streams/a", { headers: eventHeaders(), body })).toMatchObject({
      status: 413,
      reason: expect.stringContaining("maxMessageBytes") as string,
    });
  });

  it("where its name cannot be told in a header, without breaking the answer", async () => {
    const { server } = await serve();
    const stream = encodeURIComponent("ä\r\nx: y");
    const refused = await send(server, `POST /streams/${stream}`, { headers: eventHeaders({ "es-expectedversion": "7" }), body: "{}" });
    expect(refused).toMatchObject({ status: 400, reason: expect.stringContaining("Stream ???x: y") as string });
    expect(refused.headers["x"]).toBeUndefined();
  });

  it("of a store that is closed", async () => {
    const store = createInMemoryStore();
    const { server } = await serve({}, store);
    await store.close();
    onTestFinished(() => store.close());
    expect(await send(server, "POST /streams/a", { headers: eventHeaders(), body: "{}" })).toMatchObject({ status: 503 });
  });
});
