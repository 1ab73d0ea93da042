import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  streamNameFilter,
  type KurrentDBClient,
  type ResolvedEvent,
} from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { consume, type Consumed } from "../consume.ts";
import { connect, numbered, numbersOf } from "./connect.ts";
import { ofAll, ofStream } from "./persistent-groups.ts";

const PATIENT = { timeout: 8000 };
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
const consumeStream = (client: KurrentDBClient, stream: string, bufferSize = 10) =>
  consume(client.subscribeToPersistentSubscriptionToStream(stream, "readers", { bufferSize }), (entry, subscription) =>
    subscription.ack(entry),
  );
const consumeAll = (client: KurrentDBClient, group: string) =>
  consume(client.subscribeToPersistentSubscriptionToAll(group), (entry, subscription) => subscription.ack(entry));
const placesOf = ({ entries }: Consumed<ResolvedEvent>) => entries.map(({ event }) => `${event?.streamId} ${event?.revision}`);

describe.each(everyStore)("a persistent subscription on $name", ({ open }) => {
  it("to a stream begins at its start, its end, or a revision that is there or to come", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(5));
    const starts = { start: 0n, third: 2n, end: END, seventh: 6n } as const;
    for (const [group, startFrom] of Object.entries(starts))
      await client.createPersistentSubscriptionToStream("account-1", group, ofStream({ startFrom }));
    const consumed = Object.keys(starts).map((group) =>
      consume(client.subscribeToPersistentSubscriptionToStream("account-1", group), (entry, subscription) => subscription.ack(entry)),
    );
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-1", numbered(3));
    const revisions = () => consumed.map(({ entries }) => entries.map(({ event }) => Number(event?.revision)));
    await vi.waitFor(() => expect(revisions()).toEqual([upTo(8), [2, 3, 4, 5, 6, 7], [5, 6, 7], [6, 7]]), PATIENT);
  });

  it("to all begins at a position, and takes what a filter lets through", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", [jsonEvent({ type: "opened", data: {} }), jsonEvent({ type: "closed", data: {} })]);
    await client.appendToStream("order-1", [jsonEvent({ type: "opened", data: {} }), jsonEvent({ type: "placed", data: {} })]);
    const [, , third] = await collect(client.readAll());
    const place = third?.event?.position ?? { commit: -1n, prepare: -1n };
    await client.createPersistentSubscriptionToAll("from", ofAll({ startFrom: place }), { filter: excludeSystemEvents() });
    await client.createPersistentSubscriptionToAll("names", ofAll(), { filter: streamNameFilter({ prefixes: ["order-", "stock-"] }) });
    await client.createPersistentSubscriptionToAll("types", ofAll(), { filter: eventTypeFilter({ regex: "^(opened|closed)$" }) });
    const groups = ["from", "names", "types"].map((group) => consumeAll(client, group));
    const seen = () => groups.map(({ entries }) => entries.map(({ event }) => `${event?.streamId} ${event?.type}`));
    const before: readonly (readonly string[])[] = [
      ["order-1 opened", "order-1 placed"],
      ["order-1 opened", "order-1 placed"],
      ["account-1 opened", "account-1 closed", "order-1 opened"],
    ];
    await vi.waitFor(() => expect(seen()).toEqual(before), PATIENT);
    await client.appendToStream("stock-1", [jsonEvent({ type: "opened", data: {} })]);
    await vi.waitFor(() => expect(seen()).toEqual(before.map((entries) => entries.concat("stock-1 opened"))), PATIENT);
    await vi.waitFor(async () => {
      const { stats, eventSource } = await client.getPersistentSubscriptionToAllInfo("names");
      expect(eventSource).toBe("$all");
      expect(stats.lastCheckpointedEventPosition).toEqual(stats.lastKnownEventPosition);
    }, PATIENT);
  });

  it("to a category gives links, with what they lead to where that is wanted, and is acknowledged by the link", async () => {
    const client = await connect(open);
    for (const stream of ["account-1", "account-2", "order-1"]) await client.appendToStream(stream, numbered(2));
    await client.createPersistentSubscriptionToStream("$ce-account", "readers", ofStream({ resolveLinkTos: true }));
    await client.createPersistentSubscriptionToStream("$ce-account", "plain", ofStream());
    const resolved = consumeStream(client, "$ce-account", 1);
    await vi.waitFor(() => expect(placesOf(resolved)).toEqual(["account-1 0", "account-1 1", "account-2 0", "account-2 1"]), PATIENT);
    expect(resolved.entries.map(({ link }) => link?.type)).toEqual(["$>", "$>", "$>", "$>"]);
    const plain = consume(client.subscribeToPersistentSubscriptionToStream("$ce-account", "plain"), (entry, subscription) =>
      subscription.nack("park", "", entry),
    );
    await vi.waitFor(() => expect(plain.entries).toHaveLength(4), PATIENT);
    expect(plain.entries.map(({ event, link }) => [event?.type, link])).toEqual(upTo(4).map(() => ["$>", undefined]));
    await vi.waitFor(async () => {
      const parked = await collect(client.readStream("$persistentsubscription-$ce-account::plain-parked", { resolveLinkTos: true }));
      expect(parked.map(({ event }) => `${event?.streamId} ${event?.revision}`)).toEqual(placesOf(resolved));
    }, PATIENT);
  });

  it("to a category holds up what is written while that is stopped, and gives it when it goes on", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.createPersistentSubscriptionToStream("$ce-account", "readers", ofStream({ resolveLinkTos: true }));
    const consumed = consumeStream(client, "$ce-account");
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(2), PATIENT);
    await client.disableProjection("$by_category");
    await client.appendToStream("account-1", numbered(3));
    await vi.waitFor(async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo("$ce-account", "readers");
      expect(stats.readBufferCount).toBe(3);
    }, PATIENT);
    expect(consumed.entries).toHaveLength(2);
    await client.enableProjection("$by_category");
    await vi.waitFor(() => expect(numbersOf(consumed.entries)).toEqual([0, 1, 0, 1, 2]), PATIENT);
  });

  it("leaves out what the stream hides", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(5));
    await client.setStreamMetadata("account-1", { truncateBefore: 3 });
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const consumed = consumeStream(client, "account-1");
    await vi.waitFor(() => expect(numbersOf(consumed.entries)).toEqual([3, 4]), PATIENT);
  });
});

describe.each(everyStore)("a persistent subscription of several consumers on $name", ({ open }) => {
  const consumers = (client: KurrentDBClient, count: number, bufferSize = 10) =>
    upTo(count).map(() => consumeStream(client, "account-1", bufferSize));
  const allOf = (all: readonly Consumed<ResolvedEvent>[]) => all.flatMap(({ entries }) => entries);

  it("in turn gives each as much as the others", async () => {
    const client = await connect(open);
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ consumerStrategyName: "RoundRobin" }));
    const all = consumers(client, 4);
    await vi.waitFor(async () => {
      expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).connections).toHaveLength(4);
    }, PATIENT);
    await client.appendToStream("account-1", numbered(40));
    await vi.waitFor(() => expect(allOf(all)).toHaveLength(40), PATIENT);
    expect(all.map(({ entries }) => entries.length)).toEqual([10, 10, 10, 10]);
    expect(numbersOf(allOf(all)).toSorted((one, other) => one - other)).toEqual(upTo(40));
  });

  it("to a single one gives the others what that has no room for", async () => {
    const client = await connect(open);
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ consumerStrategyName: "DispatchToSingle" }));
    const first = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 3 }));
    await vi.waitFor(async () => {
      expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).connections).toHaveLength(1);
    }, PATIENT);
    const second = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 3 }));
    await vi.waitFor(async () => {
      expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).connections).toHaveLength(2);
    }, PATIENT);
    await client.appendToStream("account-1", numbered(2));
    await vi.waitFor(() => expect(numbersOf(first.entries)).toEqual([0, 1]), PATIENT);
    await client.appendToStream("account-1", numbered(4));
    await vi.waitFor(() => expect([first.entries.length, second.entries.length]).toEqual([3, 3]), PATIENT);
  });

  it.each([
    ["Pinned", (name: string) => ({ stream: `account-${name}`, metadata: {} })],
    ["PinnedByCorrelation", (name: string) => ({ stream: "account-1", metadata: { $correlationId: name } })],
  ] as const)("that are %s gives all of one key to the same", async (consumerStrategyName, placed) => {
    const client = await connect(open);
    await client.createPersistentSubscriptionToStream("$ce-account", "readers", ofStream({ consumerStrategyName, resolveLinkTos: true }));
    const all = upTo(3).map(() => consumeStream(client, "$ce-account"));
    await vi.waitFor(async () => {
      expect((await client.getPersistentSubscriptionToStreamInfo("$ce-account", "readers")).connections).toHaveLength(3);
    }, PATIENT);
    for (const round of upTo(3))
      for (const name of upTo(40)) {
        const { stream, metadata } = placed(String(name));
        await client.appendToStream(stream, jsonEvent({ type: "kept", data: { name, round }, metadata }));
      }
    await vi.waitFor(() => expect(allOf(all)).toHaveLength(120), PATIENT);
    const holders = all.map(({ entries }) => new Set(entries.map(({ event }) => (event?.data as { name: string } | undefined)?.name)));
    expect(holders.reduce((sum, { size }) => sum + size, 0)).toBe(40);
    expect(holders.every(({ size }) => size > 0)).toBe(true);
  });

  it("loses nothing and repeats nothing but what was not acknowledged when consumers come and go", { timeout: 30_000 }, async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(400));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const steady = consumeStream(client, "account-1");
    const gone: Consumed<ResolvedEvent>[] = [];
    for (const _ of upTo(5)) {
      const passing = consumeStream(client, "account-1", 20);
      await vi.waitFor(() => expect(passing.entries.length).toBeGreaterThan(0), PATIENT);
      await passing.subscription.unsubscribe();
      await client.appendToStream("account-1", numbered(40));
      gone.push(passing);
    }
    const revisions = () => new Set(allOf([steady, ...gone]).map(({ event }) => Number(event?.revision)));
    await vi.waitFor(() => expect(revisions().size).toBe(600), { timeout: 20_000 });
    await vi.waitFor(async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect([stats.lastCheckpointedEventRevision, stats.parkedMessageCount]).toEqual([599n, 0n]);
    }, PATIENT);
  });

  it("tells of each where it comes from, what it has, and how long messages took", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(5));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ extraStatistics: true }));
    const [consumed] = consumers(client, 1);
    await vi.waitFor(() => expect(consumed?.entries).toHaveLength(5), PATIENT);
    const info = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
    expect(info.connections).toMatchObject([
      { from: expect.stringContaining("127.0.0.1:") as string, totalItems: 5n, username: "anonymous" },
    ]);
    expect([...(info.connections[0]?.extraStatistics?.keys() ?? [])]).toContain("median");
    expect(info.stats.totalItems).toBe(5n);
  });
});
