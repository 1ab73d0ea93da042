import { derivedId } from "@reactive-domain/core";
import type { AppendResult, EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { startServer } from "@reactive-domain/test-servers";
import { expect, test, vi } from "vitest";
import { follow } from "./follow.ts";
import { openedStore } from "./opened-store.ts";

/** A start after a kill writes all files to the disk, which may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const WRITERS = 6;
const KILLS = 2;
const BETWEEN_KILLS = 40;
const LEASE_MS = 300;
/** A server that forgets at a kill what was not to be flushed at once. */
const FORGETFUL = { synchronous_commit: "off", wal_writer_delay: "10s", wal_writer_flush_after: "1GB" };

/** What has been acknowledged so far, by whom it was written. */
class Acknowledged {
  readonly appends: (AppendResult & { readonly id: string })[] = [];
  #waiting: (() => void)[] = [];

  add(append: AppendResult & { readonly id: string }): void {
    this.appends.push(append);
    for (const look of this.#waiting.splice(0)) look();
  }

  /** Resolves when there are so many more. */
  async more(count: number): Promise<void> {
    const wanted = this.appends.length + count;
    while (this.appends.length < wanted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** Appends to a stream of its own and to one that it shares, each append once, until it is stopped. Nothing that the server goes through shows. */
async function write(store: EventStore, writer: number, acknowledged: Acknowledged, isStopped: () => boolean): Promise<void> {
  for (let nth = 0; !isStopped(); nth++) {
    const event = newEvent({ type: "Deposited" });
    const own = nth % 2 === 0;
    const expectedVersion = nth === 0 ? "noStream" : own ? ((nth / 2 - 1) as AppendResult["version"]) : "any";
    const result = await store.append(own ? `account-${writer}` : "account-shared", [event], { expectedVersion });
    acknowledged.add({ ...result, id: event.id });
  }
}

/** Handles deliveries of a group: each leads to an event, whose id follows from what was delivered. Stops when nothing is left and it is told to. */
async function consume(store: EventStore, consumer: string, isStopped: () => boolean): Promise<void> {
  for (;;) {
    const deliveries = await store.groups.claim("group", { consumer, maxEvents: 20, leaseMs: LEASE_MS, waitMs: 50 });
    for (const { event, position, fence } of deliveries) {
      const handled = newEvent({ id: idFrom(event.id), type: "Handled", data: JSON.stringify({ of: event.id }) });
      const done = store.write([
        { kind: "append", stream: `handled-${event.id}`, expectedVersion: "any", events: [handled] },
        { kind: "settle", group: "group", deliveries: [{ position, fence, outcome: "acknowledge" }] },
      ]);
      // Another consumer has it where the server was away for longer than the lease.
      expect(await done.catch((error: unknown) => error)).toSatisfy((outcome) => !(outcome instanceof Error) || isLost(outcome));
    }
    const { waiting, claimed, settledUpTo, head } = await store.groups.status("group");
    if (isStopped() && waiting + claimed === 0 && settledUpTo === head) return;
  }
}

function isLost(error: Error): boolean {
  return "code" in error && error.code === "delivery-lost";
}

function idFrom(id: string): string {
  return derivedId(id, "handled", 0);
}

test("a server that is killed and started again under load loses nothing that it acknowledged, and nobody has to care", async () => {
  await using server = await startServer({ settings: FORGETFUL });
  const [one, other] = [await openedStore(server.url, { schema: "bank" }), await openedStore(server.url, { schema: "bank" })];
  await one.groups.create("group", { source: { category: "account" } });
  const acknowledged = new Acknowledged();
  let isStopped = false;
  const writers = Array.from({ length: WRITERS }, (_, writer) =>
    write(writer % 2 === 0 ? one : other, writer, acknowledged, () => isStopped),
  );
  const writing = Promise.all(writers);
  let isWritten = false;
  const consuming = Promise.all([consume(one, "red", () => isWritten), consume(other, "blue", () => isWritten)]);
  const seen: RecordedEvent[][] = [[], []];
  const subscriptions = [one, other].map((store) => store.subscribe({ all: true }));
  const following = subscriptions.map(async (subscription, index) => {
    for await (const message of subscription) if (message.kind === "events") seen[index]?.push(...message.events);
  });

  for (let kill = 0; kill < KILLS; kill++) {
    await Promise.race([acknowledged.more(BETWEEN_KILLS), writing, consuming]);
    await server.kill();
    await server.start();
  }
  await Promise.race([acknowledged.more(BETWEEN_KILLS), writing, consuming]);
  isStopped = true;
  await writing;
  isWritten = true;
  await consuming;

  const events = await collect(one, { all: true });
  expectNoHoles(events);
  for (const { id, position, version, stream } of acknowledged.appends) expect(events[position]).toMatchObject({ id, version, stream });
  const deposits = events.filter(({ type }) => type === "Deposited");
  // Each was written once: what was acknowledged, and nothing else.
  expect(deposits.map(({ id }) => id).toSorted()).toEqual(acknowledged.appends.map(({ id }) => id).toSorted());
  expect(
    events
      .filter(({ type }) => type === "Handled")
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(deposits.map(({ id }) => idFrom(id)).toSorted());
  expect(await other.groups.status("group")).toMatchObject({ parked: 0, claimed: 0, waiting: 0 });

  const expected = events.map(({ id }) => id);
  for (const each of seen) await expect.poll(() => each.map(({ id }) => id)).toEqual(expected);
  await Promise.all(subscriptions.map((subscription) => subscription.close()));
  await Promise.all(following);
});

test("calls that begin while the server is down are answered when it is back", async () => {
  await using server = await startServer();
  const store = await openedStore(server.url, { schema: "bank" });
  const first = await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  await server.kill();
  const calls = [
    store.append("account-1", [newEvent()], { expectedVersion: first.version }),
    collect(store, { stream: "account-1" }, { upTo: { version: first.version } }),
    store.streamInfo("account-2"),
    store.checkpoint("reader"),
    store.snapshot("account-1"),
    store.leases.acquire("worker", { owner: "me", durationMs: 60_000 }),
    store.groups.create("group", { source: { all: true } }),
    follow(store, { all: true }, 2),
  ];
  const answers = Promise.all(calls);
  await server.start();
  expect(await answers).toMatchObject([
    { position: 1, version: 1 },
    [{ position: 0 }],
    { state: "missing" },
    null,
    undefined,
    { owner: "me", fence: 1 },
    true,
    [{ position: 0 }, { position: 1 }],
  ]);
});

test("a server that stays away is told after the time that was set, and the store goes on when it is back", async () => {
  await using server = await startServer();
  const store = await openedStore(server.url, { schema: "bank", retryForMs: 100 });
  const append = [newEvent()];
  await server.kill();
  const unavailable = { code: "store-unavailable", retryable: true };
  await expect(store.append("account-1", append, { expectedVersion: "noStream" })).rejects.toMatchObject(unavailable);
  await expect(collect(store, { all: true })).rejects.toMatchObject(unavailable);
  await expect(follow(store, { all: true }, 1)).rejects.toMatchObject(unavailable);
  await server.start();
  expect(await store.append("account-1", append, { expectedVersion: "noStream" })).toMatchObject({ position: 0 });
  expect(await follow(store, { all: true }, 1)).toHaveLength(1);
});
