import { status } from "@grpc/grpc-js";
import { version } from "@reactive-domain/core";
import type { EventStore, NewEvent } from "@reactive-domain/persistence";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { describe, expect, it } from "vitest";
import {
  atMost,
  backwards,
  filtered,
  fromPosition,
  fromRevision,
  inWords,
  outcomeOf,
  readAll,
  readStream,
  resolvingLinks,
  structuredIds,
  subscription,
  tellingPlaces,
  type RawClient,
} from "./raw-client.ts";
import { serve } from "./serve.ts";

type Request = Parameters<RawClient["read"]>[0];

async function wordsOf(client: RawClient, request: Request): Promise<readonly string[]> {
  const { messages, error } = await outcomeOf(client.read(request));
  return [
    ...messages.map(inWords),
    ...(error === undefined ? [] : [`error ${status[error.code]} ${String(error.metadata.get("exception")[0] ?? "")}`]),
  ];
}

async function append(store: EventStore, stream: string, ...events: readonly NewEvent[]): Promise<void> {
  await store.write([{ kind: "append", stream, events, expectedVersion: "any" }], { systemStreams: true });
}

function link(target: string): NewEvent {
  return newEvent({ type: "$>", contentType: "text/plain", data: target });
}

/** As the server writes it where a client asks for it. */
async function tombstone(store: EventStore, stream: string): Promise<void> {
  await store.write(
    [
      { kind: "tombstone", stream, expectedVersion: "any" },
      { kind: "append", stream: `$$${stream}`, expectedVersion: "any", events: [newEvent({ type: "$streamDeleted", data: "{}" })] },
    ],
    { systemStreams: true },
  );
}

describe("a read of a stream", () => {
  it("is inclusive both ways, counts, and has ends beyond which nothing is", async () => {
    const { store, client } = await serve();
    await append(store, "a", ...newEvents(4));
    expect(await wordsOf(client, readStream("a"))).toEqual(["0@a", "1@a", "2@a", "3@a"]);
    expect(await wordsOf(client, readStream("a", backwards))).toEqual(["3@a", "2@a", "1@a", "0@a"]);
    expect(await wordsOf(client, readStream("a", fromRevision("2")))).toEqual(["2@a", "3@a"]);
    expect(await wordsOf(client, readStream("a", backwards, fromRevision("2")))).toEqual(["2@a", "1@a", "0@a"]);
    expect(await wordsOf(client, readStream("a", backwards, fromRevision("18446744073709551615"), atMost(1)))).toEqual(["3@a"]);
    expect(await wordsOf(client, readStream("a", atMost(2)))).toEqual(["0@a", "1@a"]);
    expect(await wordsOf(client, readStream("a", atMost(0)))).toEqual([]);
    expect(await wordsOf(client, readStream("a", fromRevision("9")))).toEqual([]);
  });

  it("goes on over many pages", async () => {
    const { store, client } = await serve({ pageEvents: 3 });
    await append(store, "a", ...newEvents(20));
    expect(await wordsOf(client, readStream("a", atMost(10)))).toEqual(Array.from({ length: 10 }, (_, index) => `${index}@a`));
    expect(await wordsOf(client, readStream("a", backwards))).toEqual(Array.from({ length: 20 }, (_, index) => `${19 - index}@a`));
  });

  it("tells of a stream that is missing, deleted, or deleted for ever", async () => {
    const { store, client } = await serve();
    await append(store, "deleted", newEvent());
    await store.write([{ kind: "delete", stream: "deleted", expectedVersion: "any" }]);
    await append(store, "gone", newEvent());
    await tombstone(store, "gone");
    expect(await wordsOf(client, readStream("missing"))).toEqual(["no stream missing"]);
    expect(await wordsOf(client, readStream("deleted", backwards))).toEqual(["no stream deleted"]);
    expect(await wordsOf(client, readStream("gone"))).toEqual(["error FAILED_PRECONDITION stream-deleted"]);
    expect(await wordsOf(client, readStream("$$gone"))).toEqual(["error FAILED_PRECONDITION stream-deleted"]);
  });

  it("tells first and last places where they are asked for", async () => {
    const { store, client } = await serve();
    await append(store, "a", ...newEvents(4));
    expect(await wordsOf(client, readStream("a", tellingPlaces, atMost(1)))).toEqual(["0@a", "last 3"]);
    await store.write([{ kind: "metadata", stream: "a", metadata: { truncateBefore: version(2) } }]);
    expect(await wordsOf(client, readStream("a", tellingPlaces))).toEqual(["first 2", "2@a", "3@a", "last 3"]);
    expect(await wordsOf(client, readStream("a", tellingPlaces, backwards))).toEqual(["3@a", "2@a", "last 3"]);
    expect(await wordsOf(client, readAll(tellingPlaces, atMost(1)))).toEqual(["0@a", "last of all 3"]);
  });

  it("has ids in two halves where they are asked for", async () => {
    const { store, client } = await serve();
    await append(store, "a", newEvent({ id: "ffffffff-0000-4000-8000-000000000001" }));
    const { messages } = await outcomeOf(client.read(readStream("a", structuredIds)));
    expect(messages[0]?.getEvent()?.getEvent()?.getId()?.getStructured()?.toObject()).toEqual({
      mostSignificantBits: String(BigInt.asIntN(64, 0xffff_ffff_0000_4000n)),
      leastSignificantBits: String(BigInt.asIntN(64, 0x8000_0000_0000_0001n)),
    });
  });

  it.each<[string, ReturnType<typeof readStream>]>([
    ["nothing to read", readStream("a", (options) => options.clearStream())],
    ["no name", readStream("")],
    ["neither a count nor a subscription", readStream("a", (options) => options.clearCount())],
    ["no place to start", readStream("a", (options) => options.getStream()?.clearStart())],
    ["a filter of a stream", readStream("a", filtered("type", { prefixes: ["a"] }))],
    ["a filter that lets nothing through", readAll(filtered("type", {}))],
    ["a subscription that goes backwards", readAll(backwards, subscription)],
  ])("is refused with %s", async (_name, request) => {
    const { client } = await serve();
    expect(await wordsOf(client, request)).toEqual(["error INVALID_ARGUMENT "]);
  });
});

describe("a read of the log", () => {
  it("begins with its position forwards, and before it backwards", async () => {
    const { store, client } = await serve();
    await append(store, "a", ...newEvents(2));
    await append(store, "b", ...newEvents(2));
    expect(await wordsOf(client, readAll())).toEqual(["0@a", "1@a", "0@b", "1@b"]);
    expect(await wordsOf(client, readAll(fromPosition("2")))).toEqual(["0@b", "1@b"]);
    expect(await wordsOf(client, readAll(backwards))).toEqual(["1@b", "0@b", "1@a", "0@a"]);
    expect(await wordsOf(client, readAll(backwards, fromPosition("2")))).toEqual(["1@a", "0@a"]);
    expect(await wordsOf(client, readAll(backwards, fromPosition("0")))).toEqual([]);
  });

  it("counts what its filter lets through", async () => {
    const { store, client } = await serve({ pageEvents: 2 });
    for (const stream of ["order-1", "user-1", "order-2", "user-2", "order-3"])
      await append(store, stream, newEvent({ type: `In ${stream}` }));
    expect(await wordsOf(client, readAll(filtered("stream", { prefixes: ["order-", "nobody-"] }), atMost(2)))).toEqual([
      "0@order-1",
      "0@order-2",
    ]);
    expect(await wordsOf(client, readAll(filtered("type", { prefixes: ["In user-2"] })))).toEqual(["0@user-2"]);
    expect(await wordsOf(client, readAll(filtered("stream", { regex: "-[23]$" }), backwards))).toEqual([
      "0@order-3",
      "0@user-2",
      "0@order-2",
    ]);
    expect(await wordsOf(client, readAll(filtered("type", { regex: "^[^$].*" }), atMost(1)))).toEqual(["0@order-1"]);
  });

  it("refuses an expression that is none, and gives up one that never ends", async () => {
    const { store, client } = await serve();
    await append(store, `${"a".repeat(60)}!`, newEvent());
    expect(await wordsOf(client, readAll(filtered("stream", { regex: "(" })))).toEqual(["error INVALID_ARGUMENT "]);
    expect(await wordsOf(client, readAll(filtered("stream", { regex: "^(a+)+$" })))).toEqual(["error INVALID_ARGUMENT "]);
    expect(await wordsOf(client, readAll(atMost(1)))).toHaveLength(1);
  });

  it("shows that a stream was deleted for ever as the last event of that stream", async () => {
    const { store, client } = await serve();
    await append(store, "gone", newEvent());
    await tombstone(store, "gone");
    expect(await wordsOf(client, readAll())).toEqual(["0@gone", "9223372036854775807@gone"]);
    expect(await wordsOf(client, readAll(filtered("stream", { prefixes: ["gone"] })))).toHaveLength(2);
  });
});

describe("links", () => {
  it("come with the events that they lead to, or alone", async () => {
    const { store, client } = await serve();
    await append(store, "a", ...newEvents(2));
    await append(store, "deleted", newEvent());
    await append(store, "links", link("1@a"), link("9@a"), link("0@deleted"), link("0@missing"), link("no link"), newEvent());
    await store.write([{ kind: "delete", stream: "deleted", expectedVersion: "any" }]);
    expect(await wordsOf(client, readStream("links"))).toEqual([0, 1, 2, 3, 4, 5].map((revision) => `${revision}@links`));
    expect(await wordsOf(client, readStream("links", resolvingLinks))).toEqual([
      "link 1@a -> 1@a",
      "link 9@a -> nothing",
      "link 0@deleted -> nothing",
      "link 0@missing -> nothing",
      "link no link -> nothing",
      "5@links",
    ]);
  });

  it("are made of categories and types, numbered by the positions of their events", async () => {
    const { store, client } = await serve();
    await append(store, "order-1", newEvent({ type: "Placed" }));
    await append(store, "user-1", newEvent({ type: "Named" }));
    await append(store, "order-2", newEvent({ type: "Placed" }), newEvent({ type: "Named" }));
    expect(await wordsOf(client, readStream("$ce-order"))).toEqual(["0@$ce-order", "2@$ce-order", "3@$ce-order"]);
    expect(await wordsOf(client, readStream("$et-Named", resolvingLinks))).toEqual([
      "link 0@user-1 -> 0@user-1",
      "link 1@order-2 -> 1@order-2",
    ]);
    expect(await wordsOf(client, readStream("$ce-order", fromRevision("1"), resolvingLinks, tellingPlaces))).toEqual([
      "link 0@order-2 -> 0@order-2",
      "link 1@order-2 -> 1@order-2",
      "last 3",
    ]);
    expect(await wordsOf(client, readStream("$ce-order", backwards, atMost(1)))).toEqual(["3@$ce-order"]);
    expect(await wordsOf(client, readStream("$ce-order", fromRevision("9")))).toEqual([]);
    expect(await wordsOf(client, readStream("$ce-nobody"))).toEqual(["no stream $ce-nobody"]);
  });

  it("of a category lead nowhere where their stream hides the event", async () => {
    const { store, client } = await serve();
    await append(store, "order-1", ...newEvents(2));
    await store.write([{ kind: "metadata", stream: "order-1", metadata: { truncateBefore: version(1) } }]);
    expect(await wordsOf(client, readStream("$ce-order", resolvingLinks))).toEqual([
      "link 0@order-1 -> nothing",
      "link 1@order-1 -> 1@order-1",
    ]);
  });

  it("have the same id whenever they are read", async () => {
    const { store, client } = await serve();
    await append(store, "order-1", newEvent());
    const ids = async (): Promise<unknown> =>
      (await outcomeOf(client.read(readStream("$ce-order")))).messages.map((one) => one.getEvent()?.getEvent()?.getId()?.getString());
    expect(await ids()).toEqual(await ids());
  });
});

describe("what is said about a stream", () => {
  async function saidOf(client: RawClient, stream: string): Promise<unknown> {
    const { messages } = await outcomeOf(client.read(readStream(`$$${stream}`, backwards, atMost(1))));
    const event = messages[0]?.getEvent()?.getEvent();
    return event === undefined ? inWords(messages[0] as never) : Buffer.from(event.getData_asU8()).toString("utf8");
  }

  it("is shown as it holds, also where it was said in process", async () => {
    const { store, client } = await serve();
    await append(store, "a", newEvent());
    expect(await saidOf(client, "a")).toBe("no stream $$a");
    await store.write([{ kind: "metadata", stream: "a", metadata: { maxCount: 5, maxAgeMs: 2_000, custom: { $acl: { $r: "me" } } } }]);
    expect(await saidOf(client, "a")).toBe('{"$maxCount":5,"$maxAge":2,"$acl":{"$r":"me"}}');
    await append(store, "$$a", newEvent({ type: "$metadata", data: '{ "$maxCount":5, "$maxAge":2, "$acl":{"$r":"me"} }' }));
    expect(await saidOf(client, "a")).toBe('{ "$maxCount":5, "$maxAge":2, "$acl":{"$r":"me"} }');
    await store.write([{ kind: "metadata", stream: "a", metadata: { maxCount: 9 } }]);
    expect(await saidOf(client, "a")).toBe('{"$maxCount":9}');
  });

  it("says that a deleted stream hides all, and after it was written again only what was deleted", async () => {
    const { store, client } = await serve();
    await append(store, "a", ...newEvents(3));
    await store.write([{ kind: "delete", stream: "a", expectedVersion: "any" }]);
    expect(await saidOf(client, "a")).toBe('{"$tb":9223372036854775807}');
    await append(store, "$$a", newEvent({ type: "$metadata", data: '{"$tb":9223372036854775807}' }));
    expect(await saidOf(client, "a")).toBe('{"$tb":9223372036854775807}');
    await append(store, "a", newEvent());
    expect(await saidOf(client, "a")).toBe('{"$tb":3}');
  });
});
