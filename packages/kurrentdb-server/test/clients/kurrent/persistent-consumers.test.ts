import { PersistentSubscriptionDroppedError, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { consume, retriesOf } from "../consume.ts";
import { connect, numbered, numbersOf } from "./connect.ts";
import { ofStream } from "./persistent-groups.ts";

const PATIENT = { timeout: 8000 };
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
const numberOf = (entry: ResolvedEvent) => numbersOf([entry])[0] ?? -1;
const byNumber = (one: number, other: number) => one - other;
const PARKED = "$persistentsubscription-account-1::readers-parked";

describe.each(everyStore)("consumers of a persistent subscription on $name", ({ open }) => {
  it("get every event once when they acknowledge, in the order of the stream", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(100));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      subscription.ack(entry),
    );
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(100), PATIENT);
    await client.appendToStream("account-1", numbered(3));
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(103), PATIENT);
    expect(numbersOf(consumed.entries)).toEqual([...upTo(100), ...upTo(3)]);
    expect(consumed.entries.map(retriesOf)).toEqual(upTo(103).map(() => 0));
    expect(consumed.errors).toEqual([]);
    await vi.waitFor(async () => {
      const { stats, status } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect([status, stats.lastCheckpointedEventRevision, stats.lastKnownEventRevision]).toEqual(["Live", 102n, 102n]);
    }, PATIENT);
  });

  it("get no more than they have room for, until they answer", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(20));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 5 }));
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(5), PATIENT);
    const info = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
    expect(info.connections).toMatchObject([{ availableSlots: 0, inFlightMessages: 5, username: "anonymous" }]);
    expect(consumed.entries).toHaveLength(5);
    await consumed.subscription.ack(...consumed.entries.slice(0, 3));
    await vi.waitFor(() => expect(numbersOf(consumed.entries)).toEqual(upTo(8)), PATIENT);
  });

  it("park, retry and skip what they do not handle; what is parked can be read, and comes again when it is replayed", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(4));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    let given = 0;
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) => {
      const number = numberOf(entry);
      if (number === 0 && ++given === 1) return subscription.nack("park", "poison", entry);
      if (number === 1 && retriesOf(entry) === 0) return subscription.nack("retry", "later", entry);
      return number === 2 ? subscription.nack("skip", "", entry) : subscription.ack(entry);
    });
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(5), PATIENT);
    expect(consumed.entries.map((entry) => `${numberOf(entry)}/${String(retriesOf(entry) as number)}`).toSorted()).toEqual([
      "0/0",
      "1/0",
      "1/1",
      "2/0",
      "3/0",
    ]);
    await vi.waitFor(async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect(stats).toMatchObject({ parkedMessageCount: 1n, lastCheckpointedEventRevision: 3n, totalItems: 5n });
    }, PATIENT);
    const parked = await collect(client.readStream(PARKED, { resolveLinkTos: true }));
    expect(numbersOf(parked)).toEqual([0]);
    expect(parked[0]?.link).toMatchObject({ type: "$>", metadata: { reason: "poison", subscriptionEventNumber: 0 } });
    await client.replayParkedMessagesToStream("account-1", "readers");
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(6), PATIENT);
    expect([numberOf(consumed.entries[5] as ResolvedEvent), retriesOf(consumed.entries[5] as ResolvedEvent)]).toEqual([0, 0]);
    await vi.waitFor(async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect(stats).toMatchObject({ parkedMessageCount: 0n, retryBufferCount: 0, totalInFlightMessages: 0 });
    }, PATIENT);
  });

  it("have parked messages replayed up to a number, and the rest another time", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(5));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    let given = 0;
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      ++given <= 5 ? subscription.nack("park", "", entry) : subscription.ack(entry),
    );
    const parkedCount = async () => (await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).stats.parkedMessageCount;
    await vi.waitFor(async () => expect(await parkedCount()).toBe(5n), PATIENT);
    await client.replayParkedMessagesToStream("account-1", "readers", { stopAt: 2 });
    await vi.waitFor(() => expect(numbersOf(consumed.entries.slice(5)).toSorted(byNumber)).toEqual([0, 1]), PATIENT);
    expect(await parkedCount()).toBe(3n);
    expect((await collect(client.readStream(PARKED))).map(({ event }) => event?.revision)).toEqual([2n, 3n, 4n]);
    await client.replayParkedMessagesToStream("account-1", "readers");
    await vi.waitFor(() => expect(numbersOf(consumed.entries.slice(7)).toSorted(byNumber)).toEqual([2, 3, 4]), PATIENT);
    expect(await parkedCount()).toBe(0n);
  });

  it("that take too long get the message again, until it has come often enough and is parked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ messageTimeout: 150, maxRetryCount: 2 }));
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      numberOf(entry) === 1 ? subscription.ack(entry) : undefined,
    );
    await vi.waitFor(async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect([stats.parkedMessageCount, stats.totalInFlightMessages]).toEqual([1n, 0]);
    }, PATIENT);
    const ofFirst = consumed.entries.filter((entry) => numberOf(entry) === 0);
    expect(ofFirst.map(retriesOf)).toEqual([0, 1, 2]);
    expect(consumed.entries).toHaveLength(4);
    // An answer that comes too late is nobody's any more.
    await consumed.subscription.ack(...ofFirst);
    const [parked] = await collect(client.readStream(PARKED, { resolveLinkTos: true }));
    expect(numberOf(parked as ResolvedEvent)).toBe(0);
    expect(consumed.errors).toEqual([]);
  });

  it("that refuse a message more often than it may come again have it parked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ maxRetryCount: 0 }));
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      subscription.nack("retry", "not today", entry),
    );
    const parked = await vi.waitFor(async () => {
      const found = await collect(client.readStream(PARKED));
      expect(found).toHaveLength(1);
      return found;
    }, PATIENT);
    expect(parked[0]?.event?.metadata).toMatchObject({ reason: expect.stringContaining("not today") as string });
    expect(consumed.entries).toHaveLength(1);
  });

  it("that go away leave what they had to others", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(10));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const first = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 4 }));
    await vi.waitFor(() => expect(first.entries).toHaveLength(4), PATIENT);
    const second = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      subscription.ack(entry),
    );
    await vi.waitFor(() => expect(second.entries).toHaveLength(6), PATIENT);
    await first.subscription.unsubscribe();
    await vi.waitFor(() => expect(numbersOf(second.entries).toSorted((one, other) => one - other)).toEqual(upTo(10)), PATIENT);
    expect(second.entries.slice(6).map(retriesOf)).toEqual([1, 1, 1, 1]);
  });

  it("that stop are ended, and what they named goes to the next", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const first = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      subscription.nack("stop", "enough", entry),
    );
    await vi.waitFor(() => expect(first.errors).toHaveLength(1), PATIENT);
    expect(first.errors[0]).toBeInstanceOf(PersistentSubscriptionDroppedError);
    const second = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
    await vi.waitFor(() => expect(second.entries.map(retriesOf)).toEqual([1]), PATIENT);
  });

  it("get nothing for ids that they do not have, and go on", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 1 }));
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(1), PATIENT);
    const [second] = await collect(client.readStream("account-1", { fromRevision: 1n }));
    await consumed.subscription.ack(second as ResolvedEvent);
    await consumed.subscription.nack("park", "", second as ResolvedEvent);
    await consumed.subscription.ack(...consumed.entries);
    await vi.waitFor(() => expect(numbersOf(consumed.entries)).toEqual([0, 1]), PATIENT);
    expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).stats.parkedMessageCount).toBe(0n);
    expect(consumed.errors).toEqual([]);
  });
});
