import { AssertionError } from "node:assert";
import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import { ReactiveDomainError } from "@reactive-domain/core";
import { createTestRuntime } from "@reactive-domain/testing";
import { eventStoreCases, eventStoreGuarantees, type ConformanceCase } from "@reactive-domain/testing/conformance";
import { describe, expect, it } from "vitest";
import { StoreDriver } from "./store-driver.ts";
import * as drivers from "./wrong-drivers.ts";
import { WRONG_GROUPS } from "./wrong-group-rows.ts";
import { WRONG_PROGRESS } from "./wrong-progress-rows.ts";
import { WRONG_STREAM_STORES } from "./wrong-stream-stores.ts";
import { WRONG_TRANSFERS } from "./wrong-transfer-rows.ts";
import * as subscriptions from "./wrong-subscriptions.ts";

const driven = (makeDriver: () => EventStoreDriver) => (): EventStore => createEventStore(makeDriver());
const subscribing = (subscribe: Parameters<typeof subscriptions.storeThatSubscribes>[0]) => (): EventStore =>
  subscriptions.storeThatSubscribes(subscribe);

/** What is wrong with a store, and the case that finds it out. */
const WRONG_STORES: readonly (readonly [fault: string, open: () => EventStore, caughtBy: string])[] = [
  [
    "leaves a hole in the positions",
    driven(() => new drivers.SkipsAPosition()),
    "versions count within a stream and positions within the log, both from 0 and without holes",
  ],
  ["ignores noStream", driven(() => new drivers.IgnoresNoStream()), "noStream creates a stream, and is a conflict once it exists"],
  [
    "lets several writers create one stream",
    driven(() => new drivers.IgnoresNoStream()),
    "of several writers that create a stream with noStream exactly one succeeds",
  ],
  [
    "looks at the version before it looks for a repetition",
    driven(() => new drivers.ChecksVersionFirst()),
    "a repeated append is recognised before its expected version is looked at, whatever that is",
  ],
  [
    "answers a repeated append with a new position",
    driven(() => new drivers.AnswersRepeatsAnew()),
    "an append that is repeated is answered with the outcome of the first time",
  ],
  [
    "writes a repeated append again",
    driven(() => new drivers.ForgetsIds()),
    "the same append made by several at once is written once, and all are told the same",
  ],
  [
    "writes several streams in parts",
    driven(() => new drivers.WritesInParts()),
    "a conflict in the second stream of a write leaves the first as it was",
  ],
  [
    "loses the last event of a page",
    driven(() => new drivers.LosesTheTail()),
    "a stream is read page by page, each event once, and every page tells the stream's last version",
  ],
  [
    "reads one event more than asked",
    driven(() => new drivers.ReadsOneMore()),
    "a read gives as many events as its limit says, or as there are",
  ],
  [
    "begins one event behind its place",
    driven(() => new drivers.SkipsThePlace()),
    "a category is read from any place, inclusive (at) and exclusive (after), forwards and backwards",
  ],
  [
    "takes a category for a prefix",
    driven(() => new drivers.CategoryByPrefix()),
    "a category does not hold the streams of a longer one that begins the same",
  ],
  [
    "takes an underscore for a wildcard",
    driven(() => new drivers.PrefixByLike()),
    "a filter by stream prefix takes no character for a wildcard, read forwards and backwards",
  ],
  [
    "does not wake its subscriptions",
    driven(() => new drivers.ForgetsToWake()),
    "a subscription from now gives the events appended afterwards, exactly and in order",
  ],
  [
    "shows commits out of order",
    driven(() => new drivers.ShowsCommitsOutOfOrder()),
    "nothing is lost or repeated while writers and a subscription run side by side",
  ],
  [
    "rewrites JSON",
    driven(() => new drivers.NormalisesJson()),
    "JSON text comes back as it was written: odd white space, a strange order of keys and a key twice",
  ],
  [
    "tells a wrong version in a conflict",
    driven(() => new drivers.MisreportsConflicts()),
    "appending with a version that is behind or ahead is a conflict, and nothing is written",
  ],
  [
    "ignores filters in subscriptions",
    subscribing(subscriptions.ignoresFilters),
    "a filter by types lets exactly these types through, in a subscription, of history and of what comes later",
  ],
  [
    "gives an event twice at the switch to live",
    subscribing(subscriptions.repeatsAtTheSwitch),
    "nothing is lost or repeated at the switch to live, though the log grows with every message",
  ],
  [
    "signals live twice",
    subscribing(subscriptions.signalsLiveTwice),
    "a subscription to the whole log gives its history, one live signal, then new events, each once",
  ],
  [
    "signals live before the history",
    subscribing(subscriptions.signalsLiveFirst),
    "a subscription behind event 2 of 5 gives 3 and 4, then one live signal, then what is appended",
  ],
  [
    "does not tell progress through what is not selected",
    subscribing(subscriptions.hidesProgress),
    "a subscription tells how far it has come when the log grows by what it does not select",
  ],
  [
    "claims progress that it has not made",
    subscribing(subscriptions.claimsTooMuch),
    "everything selected up to the position that a message tells has arrived with or before it",
  ],
  [
    "begins a subscription from the end when it is first read",
    subscribing(subscriptions.beginsLate),
    "a subscription to a stream from the end begins at the moment of the call, not when it is first read",
  ],
  [
    "skips events for those who take them one by one",
    subscribing(subscriptions.skipsOneByOne),
    "a subscription gives the same events one by one, history and new ones",
  ],
  [
    "leaves a reader waiting when its subscription is closed",
    subscribing(subscriptions.waitsForEver),
    "closing a subscription ends a pending wait at once, and nothing more arrives",
  ],
];

describe("the conformance cases of the event store", () => {
  it("have names of their own", () => {
    const names = eventStoreCases.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it("pass a store that does everything right by another", { timeout: 60_000 }, async () => {
    for (const one of eventStoreCases) await one.run(async () => createEventStore(new StoreDriver()));
  });

  it("let a store begin every read at the start, whatever snapshots there are", async () => {
    const cases = eventStoreGuarantees.find(({ id }) => id === "snapshot-reads")?.cases ?? [];
    expect(cases.length).toBeGreaterThan(10);
    for (const one of cases)
      await one.run(async () => createEventStore(Object.assign(new StoreDriver(), { readBehindSnapshot: undefined })));
  });

  const wrongStores = [...WRONG_STORES, ...WRONG_STREAM_STORES, ...WRONG_PROGRESS, ...WRONG_GROUPS, ...WRONG_TRANSFERS];
  it.each(wrongStores)("find out a store that %s", async (_, open, caughtBy) => {
    const run = createTestRuntime().run(() => caseNamed(caughtBy).run(async () => open()));
    await expect(run).rejects.toSatisfy(isFinding);
  });

  it("close the store that they opened, also when it is wrong", async () => {
    let closed = 0;
    class CountsClosing extends drivers.IgnoresNoStream {
      override close(): Promise<void> {
        closed++;
        return super.close();
      }
    }
    const one = caseNamed("noStream creates a stream, and is a conflict once it exists");
    await expect(one.run(async () => createEventStore(new CountsClosing()))).rejects.toThrow("must be refused with wrong-expected-version");
    expect(closed).toBe(1);
  });

  it("say what did not come, and within what time, when a store never answers", async () => {
    class NeverAnswers extends StoreDriver {
      override write(): Promise<never> {
        return new Promise(() => undefined);
      }
    }
    const one = caseNamed("of several writers that create a stream with noStream exactly one succeeds");
    const run = createTestRuntime().run(() => one.run(async () => createEventStore(new NeverAnswers())));
    await expect(run).rejects.toThrow("The outcome of concurrent appends did not come within 5000 ms.");
  });
});

/** An assertion that failed, or an error of the store; not a mistake in the case, nor a deadlock. */
function isFinding(error: unknown): boolean {
  return error instanceof ReactiveDomainError || (error instanceof AssertionError && !error.message.startsWith("Deadlock"));
}

function caseNamed(name: string): ConformanceCase {
  const found = eventStoreCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no case named "${name}".`);
  return found;
}
