import { persistentSubscriptionToStreamSettingsFromDefaults, type PersistentSubscriptionToStreamSettings, START } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { consume } from "../consume.ts";
import { connect, numbered, numbersOf } from "./connect.ts";

const PATIENT = { timeout: 8000 };
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
const settings = (changes: Partial<PersistentSubscriptionToStreamSettings> = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });

describe.each(everyStore)("consumers of a persistent subscription on $name", ({ open }) => {
  it("get every event once when they acknowledge, in the order of the stream", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(100));
    await client.createPersistentSubscriptionToStream("account-1", "readers", settings());
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, { ack }) =>
      ack(entry),
    );
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(100), PATIENT);
    await client.appendToStream("account-1", numbered(3));
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(103), PATIENT);
    expect(numbersOf(consumed.entries)).toEqual([...upTo(100), ...upTo(3)]);
    expect(retriesOf(consumed.entries)).toEqual(upTo(103).map(() => 0));
    expect(consumed.errors).toEqual([]);
  });

  it("park, retry and skip what they do not handle", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(4));
    await client.createPersistentSubscriptionToStream("account-1", "readers", settings());
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry) => {
      const number = (entry.event?.data as { number: number }).number;
      if (number === 0) return consumed.subscription.nack("park", "poison", entry);
      if (number === 1 && entry.retryCount === 0) return consumed.subscription.nack("retry", "later", entry);
      return number === 2 ? consumed.subscription.nack("skip", "", entry) : consumed.subscription.ack(entry);
    });
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(5), PATIENT);
    expect(numbersOf(consumed.entries).toSorted()).toEqual([0, 1, 1, 2, 3]);
    await vi.waitFor(async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect(stats).toMatchObject({ parkedMessageCount: 1n, lastCheckpointedEventRevision: 3n, totalItems: 5n });
    }, PATIENT);
    const parked = await collect(client.readStream("$persistentsubscription-account-1::readers-parked", { resolveLinkTos: true }));
    expect(numbersOf(parked)).toEqual([0]);
    await client.replayParkedMessagesToStream("account-1", "readers");
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(6), PATIENT);
    expect(consumed.entries.at(-1)).toMatchObject({ retryCount: 0, event: { data: { number: 0 } } });
  });
});
