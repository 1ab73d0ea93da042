import {
  excludeSystemEvents,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionExistsError,
  PersistentSubscriptionFailedError,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type PersistentSubscriptionToStreamSettings,
  type ResolvedEvent,
} from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { consume } from "../consume.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered, numbersOf } from "./connect.ts";

const PATIENT = { timeout: 8000 };
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
const settings = (changes: Partial<PersistentSubscriptionToStreamSettings> = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });

describe.each(everyStore)("persistent subscriptions of the older client on $name", ({ open }) => {
  it("give each event once, retry, skip and park, and replay what is parked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(40));
    await client.createPersistentSubscriptionToStream("account-1", "readers", settings({ consumerStrategyName: "Pinned" }));
    let refused = 0;
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) => {
      const number = numbersOf([entry])[0] ?? -1;
      if (number < 3 && ++refused <= 3) return subscription.nack((["park", "retry", "skip"] as const)[number] ?? "stop", "no", entry);
      return subscription.ack(entry);
    });
    const numbers = () => numbersOf(consumed.entries).toSorted((one, other) => one - other);
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, ...upTo(40).slice(1)]), PATIENT);
    const info = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
    expect(info).toMatchObject({
      eventSource: "account-1",
      groupName: "readers",
      settings: { consumerStrategyName: "Pinned" },
    });
    await vi.waitFor(async () => {
      const parked = await collect(client.readStream("$persistentsubscription-account-1::readers-parked", { resolveLinkTos: true }));
      expect(numbersOf(parked)).toEqual([0]);
    }, PATIENT);
    await client.replayParkedMessagesToStream("account-1", "readers");
    await vi.waitFor(() => expect(numbers()).toEqual([0, 0, 1, ...upTo(40).slice(1)]), PATIENT);
  });

  it("are to all as well, filtered, updated, listed, restarted and deleted", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(3));
    const ofAll = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START });
    await client.createPersistentSubscriptionToAll("readers", ofAll, { filter: excludeSystemEvents() });
    await client.updatePersistentSubscriptionToAll("readers", { ...ofAll, maxRetryCount: 2 });
    const consumed = consume(client.subscribeToPersistentSubscriptionToAll("readers"), (entry, subscription) =>
      subscription.ack(entry as ResolvedEvent),
    );
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(3), PATIENT);
    expect(await client.listAllPersistentSubscriptions()).toMatchObject([{ groupName: "readers", settings: { maxRetryCount: 2 } }]);
    expect(await client.listPersistentSubscriptionsToAll()).toHaveLength(1);
    await client.restartPersistentSubscriptionSubsystem();
    await vi.waitFor(() => expect(consumed.errors).toHaveLength(1), PATIENT);
    expect(consumed.errors[0]).toBeInstanceOf(PersistentSubscriptionDroppedError);
    await client.deletePersistentSubscriptionToAll("readers");
    expect(await client.listAllPersistentSubscriptions()).toEqual([]);
  });

  it("are refused with the client's own errors", async () => {
    const client = await connect(open);
    await client.createPersistentSubscriptionToStream("account-1", "readers", settings());
    const refusals = [
      await refusalOf(client.createPersistentSubscriptionToStream("account-1", "readers", settings())),
      await refusalOf(client.deletePersistentSubscriptionToStream("account-1", "others")),
      await refusalOf(client.createPersistentSubscriptionToStream("account-1", "others", settings({ liveBufferSize: 0 }))),
    ];
    expect(refusals[0]).toBeInstanceOf(PersistentSubscriptionExistsError);
    expect(refusals[1]).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
    expect(refusals[2]).toBeInstanceOf(PersistentSubscriptionFailedError);
    expect(refusals).toMatchObject([{ groupName: "readers" }, { groupName: "others" }, { streamName: "account-1", groupName: "others" }]);
  });
});
