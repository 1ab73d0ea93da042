import {
  AccessDeniedError,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionExistsError,
  PersistentSubscriptionFailedError,
  PersistentSubscriptionMaximumSubscribersReachedError,
  StreamDeletedError,
  StreamNotFoundError,
  END,
  streamNameFilter,
} from "@kurrent/kurrentdb-client";
import { sleep } from "@reactive-domain/core";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { consume } from "../consume.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered, numbersOf } from "./connect.ts";
import { ofAll, ofStream } from "./persistent-groups.ts";

const PATIENT = { timeout: 8000 };
const NAMES = { streamName: "account-1", groupName: "readers" };

describe.each(everyStore)("persistent subscriptions on $name", ({ open }) => {
  it("are told with all their settings, one by one and in lists", async () => {
    const client = await connect(open);
    const settings = ofStream({
      startFrom: 7n,
      resolveLinkTos: true,
      extraStatistics: true,
      messageTimeout: 1_234,
      maxRetryCount: 3,
      checkPointAfter: 4_321,
      checkPointLowerBound: 5,
      checkPointUpperBound: 50,
      maxSubscriberCount: 6,
      liveBufferSize: 77,
      readBatchSize: 8,
      historyBufferSize: 99,
      consumerStrategyName: "PinnedByCorrelation",
    });
    await client.createPersistentSubscriptionToStream("account-1", "readers", settings);
    await client.createPersistentSubscriptionToStream("account-1", "others", ofStream({ startFrom: END, maxSubscriberCount: "unbounded" }));
    await client.createPersistentSubscriptionToAll("readers", ofAll({ startFrom: { commit: 0n, prepare: 0n } }));
    const info = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
    expect(info).toMatchObject({ eventSource: "account-1", groupName: "readers", settings, connections: [] });
    expect(info.stats).toMatchObject({ totalItems: 0n, parkedMessageCount: 0n, totalInFlightMessages: 0 });
    const other = await client.getPersistentSubscriptionToStreamInfo("account-1", "others");
    expect(other.settings).toMatchObject({ startFrom: "end", maxSubscriberCount: "unbounded", consumerStrategyName: "RoundRobin" });
    const named = (infos: readonly { readonly eventSource: string; readonly groupName: string }[]) =>
      infos.map(({ eventSource, groupName }) => `${eventSource} ${groupName}`);
    expect(named(await client.listPersistentSubscriptionsToStream("account-1"))).toEqual(["account-1 readers", "account-1 others"]);
    expect(named(await client.listPersistentSubscriptionsToAll())).toEqual(["$all readers"]);
    expect(named(await client.listAllPersistentSubscriptions())).toHaveLength(3);
    expect((await client.getPersistentSubscriptionToAllInfo("readers")).settings.startFrom).toBe("start");
  });

  it("are made once, and not found before or when they are deleted", async () => {
    const client = await connect(open);
    const calls = [
      () => client.deletePersistentSubscriptionToStream("account-1", "readers"),
      () => client.updatePersistentSubscriptionToStream("account-1", "readers", ofStream()),
      () => client.getPersistentSubscriptionToStreamInfo("account-1", "readers"),
      () => client.replayParkedMessagesToStream("account-1", "readers"),
    ];
    const refused = async () => Promise.all(calls.map(async (call) => refusalOf(call())));
    const before = await refused();
    expect(before.every((error) => error instanceof PersistentSubscriptionDoesNotExistError)).toBe(true);
    expect(before).toMatchObject(calls.map(() => NAMES));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const twice = await refusalOf(client.createPersistentSubscriptionToStream("account-1", "readers", ofStream()));
    expect(twice).toBeInstanceOf(PersistentSubscriptionExistsError);
    expect(twice).toMatchObject(NAMES);
    await client.deletePersistentSubscriptionToStream("account-1", "readers");
    expect((await refused()).every((error) => error instanceof PersistentSubscriptionDoesNotExistError)).toBe(true);
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
    await vi.waitFor(() => expect(consumed.errors).toHaveLength(1), PATIENT);
    expect(consumed.errors[0]).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
    expect(consumed.errors[0]).toMatchObject(NAMES);
  });

  it("that cannot be so are refused with the reason, and so are those to streams that are deleted for ever", async () => {
    const client = await connect(open);
    const wrong = [
      { maxRetryCount: -1 },
      { messageTimeout: -1 },
      { liveBufferSize: 0 },
      { readBatchSize: 0 },
      { historyBufferSize: 0 },
      { readBatchSize: 501 },
      { checkPointLowerBound: 1_001 },
      { checkPointUpperBound: 0 },
      { maxSubscriberCount: -1 },
    ];
    for (const changes of wrong) {
      const error = await refusalOf(client.createPersistentSubscriptionToStream("account-1", "readers", ofStream(changes)));
      expect(error).toBeInstanceOf(PersistentSubscriptionFailedError);
      expect(error).toMatchObject({ ...NAMES, reason: expect.stringMatching(/must/) as string });
    }
    expect(await refusalOf(client.createPersistentSubscriptionToStream("account-1", "g".repeat(500), ofStream()))).toMatchObject({
      reason: expect.stringContaining("shorter name") as string,
    });
    expect(await refusalOf(client.createPersistentSubscriptionToStream("account-1", "", ofStream()))).toMatchObject({ code: 3 });
    const badFilter = await refusalOf(
      client.createPersistentSubscriptionToAll("readers", ofAll(), { filter: streamNameFilter({ regex: "(" }) }),
    );
    expect(badFilter).toMatchObject({ code: 3 });
    await client.appendToStream("account-2", numbered(1));
    await client.tombstoneStream("account-2");
    expect(await refusalOf(client.createPersistentSubscriptionToStream("account-2", "readers", ofStream()))).toBeInstanceOf(
      StreamDeletedError,
    );
    expect(await client.listAllPersistentSubscriptions()).toEqual([]);
  });

  it("take as many consumers as they may have", async () => {
    const client = await connect(open);
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ maxSubscriberCount: 1 }));
    const first = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
    await vi.waitFor(async () => {
      expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).connections).toHaveLength(1);
    }, PATIENT);
    const second = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
    await vi.waitFor(() => expect(second.errors).toHaveLength(1), PATIENT);
    expect(second.errors[0]).toBeInstanceOf(PersistentSubscriptionMaximumSubscribersReachedError);
    expect(second.errors[0]).toMatchObject(NAMES);
    expect(first.errors).toEqual([]);
  });

  it("drop their consumers when they are deleted, updated or restarted", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(3));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const acts = [
      () => client.updatePersistentSubscriptionToStream("account-1", "readers", ofStream({ maxRetryCount: 7 })),
      () => client.restartPersistentSubscriptionSubsystem(),
      () => client.deletePersistentSubscriptionToStream("account-1", "readers"),
    ];
    for (const act of acts) {
      const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
      await vi.waitFor(() => expect(numbersOf(consumed.entries)).toEqual([0, 1, 2]), PATIENT);
      await act();
      await vi.waitFor(() => expect(consumed.errors).toHaveLength(1), PATIENT);
      expect(consumed.errors[0]).toBeInstanceOf(PersistentSubscriptionDroppedError);
      expect(consumed.errors[0]).toMatchObject(NAMES);
    }
  });

  it("keep their state when they are updated, and begin elsewhere only where nothing was taken yet", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(6));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ startFrom: END }));
    await client.updatePersistentSubscriptionToStream("account-1", "readers", ofStream({ startFrom: 2n, maxRetryCount: 4 }));
    const first = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 2 }));
    await vi.waitFor(() => expect(numbersOf(first.entries)).toEqual([2, 3]), PATIENT);
    await first.subscription.ack(first.entries[0] as (typeof first.entries)[number]);
    await vi.waitFor(() => expect(numbersOf(first.entries)).toEqual([2, 3, 4]), PATIENT);
    await client.updatePersistentSubscriptionToStream("account-1", "readers", ofStream({ startFrom: 0n }));
    await vi.waitFor(() => expect(first.errors).toHaveLength(1), PATIENT);
    const second = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
    await vi.waitFor(() => expect(numbersOf(second.entries)).toEqual([3, 4, 5]), PATIENT);
  });

  it("begin anew when they are made again, with nothing parked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    for (let round = 0; round < 2; round++) {
      await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
      const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
        subscription.nack("park", "", entry),
      );
      await vi.waitFor(async () => {
        const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
        expect(stats.parkedMessageCount).toBe(2n);
      }, PATIENT);
      expect(numbersOf(consumed.entries)).toEqual([0, 1]);
      await client.deletePersistentSubscriptionToStream("account-1", "readers");
      expect(await refusalOf(collect(client.readStream("$persistentsubscription-account-1::readers-parked")))).toBeInstanceOf(
        StreamNotFoundError,
      );
    }
  });

  it.each(["$persistentSubscriptionConfig", "$$$persistentSubscriptionConfig"])(
    "%s is the server's, and written by nobody",
    async (stream) => {
      const client = await connect(open);
      await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
      expect(await refusalOf(client.appendToStream(stream, numbered(1)))).toBeInstanceOf(AccessDeniedError);
      expect(await refusalOf(client.tombstoneStream(stream))).toBeInstanceOf(AccessDeniedError);
      expect(await client.listAllPersistentSubscriptions()).toHaveLength(1);
    },
  );

  it("a message that nobody answers stays with its consumer where it has no time limit", { timeout: 40_000 }, async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream({ messageTimeout: 0 }));
    const all = [1, 2].map(() => consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers")));
    // Longer than a server that is killed keeps messages from others.
    await sleep(15_000);
    expect(all.flatMap(({ entries }) => entries)).toHaveLength(1);
  });
});
