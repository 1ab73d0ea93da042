import {
  AccessDeniedError,
  PersistentSubscriptionDoesNotExistError,
  persistentSubscriptionToStreamSettingsFromDefaults,
  UnknownError,
  type KurrentDBClient,
  type PersistentSubscriptionToStreamSettings,
} from "@kurrent/kurrentdb-client";
import { everyStore, type KindOfStore } from "@reactive-domain/store-tests/every-store";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { certificates } from "../certificates.ts";
import { refusalOf } from "../refusal-of.ts";
import { serveSilently } from "../serve-silently.ts";
import { serve } from "../serve.ts";
import { connectTo, numbered, numbersOf } from "./connect.ts";

const PATIENT = { timeout: 8_000 };

async function connectSilently(open: KindOfStore["open"]): Promise<KurrentDBClient> {
  return connectTo((await serveSilently(open, { tls: await certificates() })).url);
}

function settings(over: Partial<PersistentSubscriptionToStreamSettings> = {}): PersistentSubscriptionToStreamSettings {
  return { ...persistentSubscriptionToStreamSettingsFromDefaults(), ...over };
}

describe("by HTTP/1.1 a client of a server with users", () => {
  it(
    "is let in with its password, and has its own error with a wrong one, without one, and without the right",
    { timeout: 60_000 },
    async () => {
      const store = createInMemoryStore();
      onTestFinished(() => store.close());
      const options = { tls: await certificates(), adminPassword: "correct-horse-battery", insecure: false };
      const client = connectTo((await serveSilently(async () => store, options)).url);
      const as = (username: string, password: string) => ({ credentials: { username, password } });
      expect(await client.listAllPersistentSubscriptions(as("admin", "correct-horse-battery"))).toEqual([]);
      expect(await client.restartPersistentSubscriptionSubsystem(as("admin", "correct-horse-battery"))).toBeUndefined();
      expect(await refusalOf(client.listAllPersistentSubscriptions(as("admin", "wrong")))).toBeInstanceOf(AccessDeniedError);
      expect(await refusalOf(client.listAllPersistentSubscriptions(as("nobody", "wrong")))).toBeInstanceOf(AccessDeniedError);
      expect(await refusalOf(client.restartPersistentSubscriptionSubsystem())).toBeInstanceOf(AccessDeniedError);
    },
  );
});

describe.each(everyStore)("by HTTP/1.1 a client of $name", ({ open }) => {
  it("is told of a persistent subscription what it is told by gRPC", async () => {
    const [store, tls] = [await open(), await certificates()];
    const [telling, silent] = [await serve(async () => store, { tls }), await serveSilently(async () => store, { tls })];
    const [byGrpc, byHttp] = [connectTo(telling.url), connectTo(silent.url)];
    await byGrpc.appendToStream("account/1", numbered(3));
    const given = settings({
      startFrom: 2n,
      maxRetryCount: 3,
      messageTimeout: 1_500,
      extraStatistics: true,
      consumerStrategyName: "Pinned",
    });
    await byGrpc.createPersistentSubscriptionToStream("account/1", "mail & fax", given);
    const info = await byHttp.getPersistentSubscriptionToStreamInfo("account/1", "mail & fax");
    expect(info).toEqual(await byGrpc.getPersistentSubscriptionToStreamInfo("account/1", "mail & fax"));
    expect(info).toMatchObject({ eventSource: "account/1", groupName: "mail & fax", settings: { startFrom: 2n, maxRetryCount: 3 } });
    expect(await byHttp.listPersistentSubscriptionsToStream("account/1")).toEqual([info]);
    expect(await byHttp.listAllPersistentSubscriptions()).toEqual([info]);
  });

  it("has parked messages replayed, all and up to a number", async () => {
    const client = await connectSilently(open);
    await client.appendToStream("account-1", numbered(4));
    await client.createPersistentSubscriptionToStream("account-1", "mail", settings({ startFrom: "start" }));
    const seen: number[] = [];
    const subscription = client.subscribeToPersistentSubscriptionToStream("account-1", "mail");
    subscription.on("data", (resolved) => {
      seen.push(...numbersOf([resolved]));
      void (seen.length <= 4 ? subscription.nack("park", "test", resolved) : subscription.ack(resolved));
    });
    const parked = async (): Promise<bigint> =>
      (await client.getPersistentSubscriptionToStreamInfo("account-1", "mail")).stats.parkedMessageCount;
    await vi.waitFor(async () => expect(await parked()).toBe(4n), PATIENT);
    await client.replayParkedMessagesToStream("account-1", "mail", { stopAt: 2 });
    await vi.waitFor(() => expect(seen.slice(4)).toEqual([0, 1]), PATIENT);
    await client.replayParkedMessagesToStream("account-1", "mail");
    await vi.waitFor(() => expect(seen.slice(4)).toEqual([0, 1, 2, 3]), PATIENT);
    await subscription.unsubscribe();
  });

  it("restarts persistent subscriptions", async () => {
    const client = await connectSilently(open);
    await client.createPersistentSubscriptionToStream("account-1", "mail", settings());
    expect(await client.restartPersistentSubscriptionSubsystem()).toBeUndefined();
    expect(await client.listAllPersistentSubscriptions()).toMatchObject([{ groupName: "mail" }]);
  });

  it("has its own error for what is not there", async () => {
    const client = await connectSilently(open);
    await client.createPersistentSubscriptionToStream("account-1", "mail", settings());
    const refusals = [
      await refusalOf(client.getPersistentSubscriptionToStreamInfo("account-1", "fax")),
      await refusalOf(client.replayParkedMessagesToStream("account-1", "fax")),
      await refusalOf(client.listPersistentSubscriptionsToStream("account-2")),
    ];
    const notThere = expect.any(PersistentSubscriptionDoesNotExistError) as unknown;
    expect(refusals).toEqual([notThere, notThere, notThere]);
    expect(await client.listAllPersistentSubscriptions()).toHaveLength(1);
  });

  it("is told in one sentence that projections of its own are not run", async () => {
    const client = await connectSilently(open);
    const refusal = await refusalOf(client.createProjection("mine", "fromAll()", { trackEmittedStreams: true }));
    expect(refusal).toBeInstanceOf(UnknownError);
    expect(refusal).toMatchObject({ message: expect.stringContaining("runs no projections in JavaScript") as string });
  });
});
