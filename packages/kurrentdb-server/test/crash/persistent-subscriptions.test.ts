import { KurrentDBClient, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { startChild, temporaryDirectory, type Child } from "@reactive-domain/store-tests/vitest";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { consume, retriesOf } from "../clients/consume.ts";
import { connectTo, numbered, numbersOf } from "../clients/kurrent/connect.ts";
import { ofStream } from "../clients/kurrent/persistent-groups.ts";

const PATIENT = { timeout: 40_000, interval: 100 };
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

async function startServing(file: string): Promise<{ readonly child: Child; readonly client: KurrentDBClient }> {
  const child = startChild(new URL("child-server.ts", import.meta.url), file);
  await child.until(1);
  return { child, client: connectTo(`kurrentdb://127.0.0.1:${child.said[0]?.[1] ?? ""}?tls=false`) };
}

test(
  "a server that is killed with parked, given, retried and waiting messages comes back with all of them",
  { timeout: 90_000 },
  async () => {
    const file = join(temporaryDirectory(), "store.db");
    const before = await startServing(file);
    await before.client.appendToStream("account-1", numbered(50));
    await before.client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    // 0 to 4 are parked, 5 to 9 refused once, 10 to 14 acknowledged; the rest is never answered.
    const consumed = consume(
      before.client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 60 }),
      (entry, subscription) => {
        const number = numbersOf([entry])[0] ?? -1;
        if (number < 5) return subscription.nack("park", "poison", entry);
        if (number < 10) return retriesOf(entry) === 0 ? subscription.nack("retry", "later", entry) : undefined;
        return number < 15 ? subscription.ack(entry) : undefined;
      },
    );
    await vi.waitFor(async () => {
      const { stats } = await before.client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
      expect([stats.parkedMessageCount, stats.totalInFlightMessages]).toEqual([5n, 40]);
      expect(consumed.entries.filter((entry) => retriesOf(entry) === 1)).toHaveLength(5);
    }, PATIENT);
    before.child.process.kill("SIGKILL");
    await before.child.ended;

    const after = await startServing(file);
    const info = await after.client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
    expect(info.settings).toMatchObject(ofStream());
    expect(info.stats.parkedMessageCount).toBe(5n);
    const again = consume(after.client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), (entry, subscription) =>
      subscription.ack(entry),
    );
    const came = () => numbersOf(again.entries).toSorted((one, other) => one - other);
    await vi.waitFor(() => expect(came()).toEqual([5, 6, 7, 8, 9, ...upTo(35).map((number) => number + 15)]), PATIENT);
    const retries = new Map(again.entries.map((entry) => [numbersOf([entry])[0], retriesOf(entry)]));
    // Refused once and lost with the server once.
    expect([5, 6, 7, 8, 9].map((number) => retries.get(number))).toEqual([2, 2, 2, 2, 2]);
    await after.client.replayParkedMessagesToStream("account-1", "readers");
    await vi.waitFor(() => expect(came()).toEqual([...upTo(10), ...upTo(35).map((number) => number + 15)]), PATIENT);
  },
);

test("a consumer that is killed in the middle loses nothing", { timeout: 60_000 }, async () => {
  const store = await openSqliteStore(join(temporaryDirectory(), "store.db"));
  const server = await startServer(store, { port: 0, insecure: true });
  onTestFinished(async () => {
    await server.close();
    await store.close();
  });
  const client = connectTo(server.url);
  await client.appendToStream("account-1", numbered(2_000));
  await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
  const killed = startChild(new URL("child-consumer.ts", import.meta.url), server.url, "account-1", "readers");
  await killed.until(100);
  killed.process.kill("SIGKILL");
  await killed.ended;
  const second = consume(
    client.subscribeToPersistentSubscriptionToStream("account-1", "readers", { bufferSize: 100 }),
    (entry, subscription) => subscription.ack(entry),
  );
  await vi.waitFor(async () => {
    const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
    expect(stats.lastCheckpointedEventRevision).toBe(1_999n);
  }, PATIENT);
  const revisionsSaid = (word: string) => killed.said.filter(([said]) => said === word).map(([, revision]) => Number(revision));
  const got = new Set(second.entries.map(({ event }: ResolvedEvent) => Number(event?.revision)));
  expect(revisionsSaid("left").filter((revision) => !got.has(revision))).toEqual([]);
  expect(revisionsSaid("left").length).toBeGreaterThan(5);
  const acknowledged = new Set(revisionsSaid("acknowledged"));
  expect(upTo(2_000).filter((revision) => !got.has(revision) && !acknowledged.has(revision))).toEqual([]);
});
