import type { ClientReadableStream } from "@grpc/grpc-js";
import { version } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  filtered,
  fromPosition,
  fromRevision,
  inWords,
  readAll,
  readStream,
  resolvingLinks,
  subscription,
  type RawClient,
  type ReadResp,
} from "./raw-client.ts";
import { serve } from "./serve.ts";

/** A subscription whose messages are taken one after another. */
class Followed {
  readonly #call: ClientReadableStream<ReadResp>;
  readonly #messages: AsyncIterator<ReadResp>;

  constructor(client: RawClient, request: Parameters<RawClient["read"]>[0]) {
    this.#call = client.read(request);
    this.#messages = this.#call[Symbol.asyncIterator]() as AsyncIterator<ReadResp>;
    // Whoever does not take the error has left.
    this.#call.on("error", () => undefined);
    onTestFinished(() => this.#call.cancel());
  }

  async next(): Promise<ReadResp> {
    const { value, done } = await this.#messages.next();
    if (done === true) throw new Error("The subscription has ended.");
    return value;
  }

  async take(count: number): Promise<readonly string[]> {
    const words: string[] = [];
    while (words.length < count) words.push(inWords(await this.next()));
    return words;
  }
}

async function append(store: EventStore, stream: string, count = 1): Promise<void> {
  await store.append(stream, newEvents(count), { expectedVersion: "any" });
}

function end(options: Parameters<Parameters<typeof readStream>[1]>[0]): void {
  options.getStream()?.setEnd(options.getNoFilter());
  options.getAll()?.setEnd(options.getNoFilter());
}

describe("a subscription to a stream", () => {
  it("is confirmed, gets the history, is caught up, and gets what is written", async () => {
    const { store, client } = await serve({ pageEvents: 2 });
    await append(store, "a", 3);
    const followed = new Followed(client, readStream("a", subscription));
    expect(await followed.take(5)).toEqual(["confirmation", "0@a", "1@a", "2@a", "caught up 2"]);
    await append(store, "b");
    await append(store, "a");
    expect(await followed.take(1)).toEqual(["3@a"]);
  });

  it("begins behind a revision, or behind the end", async () => {
    const { store, client } = await serve();
    await append(store, "a", 3);
    expect(await new Followed(client, readStream("a", subscription, fromRevision("1"))).take(3)).toEqual([
      "confirmation",
      "2@a",
      "caught up 2",
    ]);
    const fromEnd = new Followed(client, readStream("a", subscription, end));
    expect(await fromEnd.take(2)).toEqual(["confirmation", "caught up 2"]);
    await append(store, "a");
    expect(await fromEnd.take(1)).toEqual(["3@a"]);
  });

  it("tells when it is caught up", async () => {
    const { client } = await serve();
    const followed = new Followed(client, readAll(subscription));
    await followed.take(1);
    const before = Date.now();
    const told = (await followed.next()).getCaughtUp()?.getTimestamp()?.toDate().getTime() ?? 0;
    expect(Math.abs(told - before)).toBeLessThan(60_000);
  });

  it("waits for a stream that is missing, and goes on over its deletion", async () => {
    const { store, client } = await serve();
    const followed = new Followed(client, readStream("a", subscription));
    expect(await followed.take(2)).toEqual(["confirmation", "caught up nowhere"]);
    await append(store, "a", 2);
    expect(await followed.take(2)).toEqual(["0@a", "1@a"]);
    await store.write([{ kind: "delete", stream: "a", expectedVersion: version(1) }]);
    await append(store, "a");
    expect(await followed.take(1)).toEqual(["2@a"]);
  });

  it("ends with an error when the stream is deleted for ever", async () => {
    const { store, client } = await serve();
    await append(store, "a");
    const [one, other, metadata] = [
      new Followed(client, readStream("a", subscription)),
      new Followed(client, readStream("b", subscription)),
      new Followed(client, readStream("$$a", subscription)),
    ];
    await Promise.all([one.take(3), other.take(2), metadata.take(2)]);
    await store.write(
      [
        { kind: "tombstone", stream: "a", expectedVersion: "any" },
        { kind: "append", stream: "$$a", expectedVersion: "any", events: [newEvent({ type: "$streamDeleted", data: "{}" })] },
      ],
      { systemStreams: true },
    );
    await expect(one.next()).rejects.toThrow("is deleted");
    await expect(metadata.next()).rejects.toThrow("is deleted");
    await append(store, "b");
    expect(await other.take(1)).toEqual(["0@b"]);
    await expect(new Followed(client, readStream("a", subscription)).next()).rejects.toThrow("is deleted");
  });

  it("of links goes on behind a revision that it was told", async () => {
    const { store, client } = await serve();
    await append(store, "order-1", 2);
    await append(store, "user-1", 2);
    await append(store, "order-2");
    const followed = new Followed(client, readStream("$ce-order", subscription, resolvingLinks, fromRevision("1")));
    expect(await followed.take(3)).toEqual(["confirmation", "link 0@order-2 -> 0@order-2", "caught up 4"]);
    await append(store, "order-1");
    expect(await followed.take(1)).toEqual(["link 2@order-1 -> 2@order-1"]);
  });
});

describe("a subscription to the log", () => {
  it("begins behind a position", async () => {
    const { store, client } = await serve();
    await append(store, "a", 3);
    const followed = new Followed(client, readAll(subscription, fromPosition("0")));
    expect(await followed.take(4)).toEqual(["confirmation", "1@a", "2@a", "caught up 2"]);
  });

  it("is refused where the log has not come so far", async () => {
    const { store, client } = await serve();
    await append(store, "a", 3);
    const followed = new Followed(client, readAll(subscription, fromPosition("9")));
    await expect(followed.take(2)).rejects.toThrow("position 9");
  });

  it("falls behind where more than a page is written at once, and catches up", async () => {
    const { store, client } = await serve({ pageEvents: 2 });
    const followed = new Followed(client, readAll(subscription));
    await followed.take(2);
    await append(store, "a", 5);
    expect(await followed.take(7)).toEqual(["fell behind nowhere", "0@a", "1@a", "2@a", "3@a", "4@a", "caught up 4"]);
    await append(store, "a", 2);
    expect(await followed.take(2)).toEqual(["5@a", "6@a"]);
    await append(store, "a", 1);
    expect(await followed.take(1)).toEqual(["7@a"]);
  });

  it("falls behind where a page is full of bytes", async () => {
    const { store, client } = await serve({ pageBytes: 10_000 });
    const followed = new Followed(client, readAll(subscription));
    await followed.take(2);
    await store.append("a", newEvents(3, { data: JSON.stringify("x".repeat(6_000)) }), { expectedVersion: "any" });
    expect(await followed.take(5)).toEqual(["fell behind nowhere", "0@a", "1@a", "2@a", "caught up 2"]);
  });

  it("tells how far it has looked where its filter lets nothing through", async () => {
    const { store, client } = await serve({ pageEvents: 10 });
    await append(store, "a", 9);
    await append(store, "b");
    const followed = new Followed(client, readAll(subscription, filtered("stream", { prefixes: ["b"], window: 2, multiplier: 2 })));
    expect(await followed.take(6)).toEqual(["confirmation", "checkpoint 3", "checkpoint 7", "0@b", "checkpoint 9", "caught up 9"]);
    await append(store, "a", 4);
    expect(await followed.take(1)).toEqual(["checkpoint 13"]);
    await append(store, "b");
    await append(store, "a", 3);
    expect(await followed.take(2)).toEqual(["1@b", "checkpoint 17"]);
  });

  it("tells no checkpoint where it began", async () => {
    const { store, client } = await serve();
    await append(store, "a", 3);
    const followed = new Followed(client, readAll(subscription, fromPosition("2"), filtered("stream", { prefixes: ["b"] })));
    expect(await followed.take(2)).toEqual(["confirmation", "caught up 2"]);
  });

  it("looks at 32 events between checkpoints unless it is told otherwise", async () => {
    const { store, client } = await serve();
    await append(store, "a", 70);
    const followed = new Followed(client, readAll(subscription, filtered("type", { prefixes: ["none"] })));
    expect(await followed.take(5)).toEqual(["confirmation", "checkpoint 31", "checkpoint 63", "checkpoint 69", "caught up 69"]);
  });
});
