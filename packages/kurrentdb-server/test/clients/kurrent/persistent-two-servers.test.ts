import { PersistentSubscriptionDroppedError, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { consume } from "../consume.ts";
import { refusalOf } from "../refusal-of.ts";
import { connectTo, numbered, numbersOf } from "./connect.ts";
import { ofStream } from "./persistent-groups.ts";

const PATIENT = { timeout: 10_000 };
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe.each(everyStore)("two servers of one store on $name", ({ openTwice }) => {
  /** Clients of two servers of one store. */
  const connectBoth = async () => {
    const [one, other] = await openTwice();
    const servers = [await startServer(one, { port: 0, insecure: true }), await startServer(other, { port: 0, insecure: true })] as const;
    onTestFinished(async () => {
      for (const server of servers) await server.close();
    });
    return [connectTo(servers[0].url), connectTo(servers[1].url)] as const;
  };

  it("give each event to one consumer, and replay what either has parked", { timeout: 30_000 }, async () => {
    const [one, other] = await connectBoth();
    await one.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    let isParking = true;
    const parks = (entry: ResolvedEvent) => isParking && (numbersOf([entry])[0] ?? 0) % 50 === 0;
    const all = [one, other].map((client) =>
      consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 5 }), (entry, subscription) =>
        parks(entry) ? subscription.nack("park", "", entry) : subscription.ack(entry),
      ),
    );
    await vi.waitFor(async () => {
      for (const client of [one, other])
        expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).connections).toHaveLength(1);
    }, PATIENT);
    for (const round of upTo(30))
      await [one, other][round % 2]?.appendToStream("account-1", numbered(300).slice(10 * round, 10 * round + 10));
    const numbers = () => numbersOf(all.flatMap(({ entries }) => entries)).toSorted((a, b) => a - b);
    await vi.waitFor(() => expect(numbers()).toEqual(upTo(300)), PATIENT);
    expect(all.every(({ entries }) => entries.length > 0)).toBe(true);
    await vi.waitFor(async () => {
      expect((await other.getPersistentSubscriptionToStreamInfo("account-1", "readers")).stats.parkedMessageCount).toBe(6n);
    }, PATIENT);
    isParking = false;
    await other.replayParkedMessagesToStream("account-1", "readers");
    await vi.waitFor(() => expect(numbers().filter((number) => number % 50 === 0)).toHaveLength(12), PATIENT);
  });

  it("notice what is made, changed and deleted at the other", async () => {
    const [one, other] = await connectBoth();
    await one.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    expect(await refusalOf(other.createPersistentSubscriptionToStream("account-1", "readers", ofStream()))).toMatchObject({
      type: "persistent-subscription-exists",
    });
    const acts = [
      () => one.updatePersistentSubscriptionToStream("account-1", "readers", ofStream({ maxRetryCount: 1 })),
      () => one.deletePersistentSubscriptionToStream("account-1", "readers"),
    ];
    for (const act of acts) {
      const consumed = consume(other.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
      await vi.waitFor(async () => {
        expect((await other.getPersistentSubscriptionToStreamInfo("account-1", "readers")).connections).toHaveLength(1);
      }, PATIENT);
      await act();
      await vi.waitFor(() => expect(consumed.errors).toHaveLength(1), PATIENT);
      expect(consumed.errors[0]).toBeInstanceOf(PersistentSubscriptionDroppedError);
    }
  });

  it("make one subscription of two that are made at once, and keep all of different ones", async () => {
    const [one, other] = await connectBoth();
    const made = upTo(8).flatMap((number) =>
      [one, other].map(async (client) =>
        refusalOf(client.createPersistentSubscriptionToStream("account-1", `readers-${number}`, ofStream())),
      ),
    );
    const exists = (await Promise.all(made)).filter((error) => (error as { type?: string }).type === "persistent-subscription-exists");
    expect(exists).toHaveLength(8);
    expect(await one.listAllPersistentSubscriptions()).toHaveLength(8);
  });
});
