import {
  after,
  createInMemoryStore,
  position,
  shareFeed,
  StoreUnavailable,
  withRuntime,
  type EventFeed,
  type FeedMessages,
  type FeedStart,
} from "@reactive-domain/foundation";
import { createTestRuntime, injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { Journal } from "./journal.ts";

const FEED = "category Account of banking";

async function openShared(...amounts: readonly number[]) {
  const faults = injectFaults(createInMemoryStore());
  const opened = openBank(faults.store);
  if (amounts.length > 0) await opened.accounts.save(accountWith("a-1", ...amounts));
  const { source, ...rest } = opened.bank.category(Account);
  const froms: unknown[] = [];
  // Small batches, so that there are several; and told from where each subscription begins.
  const follow = ({ from, signal }: FeedStart): FeedMessages => {
    froms.push(from);
    return faults.store.subscribe(source, { from, maxBatchEvents: 100, ...(signal === undefined ? undefined : { signal }) });
  };
  const deposit = async (id: string, ...more: readonly number[]) =>
    position(Number((await opened.accounts.save(accountWith(id, ...more))).position));
  return { ...opened, faults, froms, feed: { ...rest, source, follow }, deposit };
}

const depositsOf = (id: string, from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `AmountDeposited ${from + index} of banking.account-${id}`);

describe("a shared feed", () => {
  it("L1: reads the store once, and gives all of its models the same history", async () => {
    const { feed, froms } = await openShared(1, 2, 3);
    const models = [new Journal(), new Journal(), new Journal()];
    const shared = shareFeed(feed);
    for (const model of models) shared.attach(model);
    await shared.start();
    await shared.live;
    expect(froms).toEqual(["start"]);
    for (const model of models) expect(model.entries).toEqual(depositsOf("a-1", 0, 2));
    expect(shared.health).toMatchObject({ feed: FEED, status: "live", readUpTo: 2, interruptions: 0 });
    for (const model of models) await model.close();
  });

  it("L2: gives a restored model what lies behind its checkpoint, and a fresh one everything", async () => {
    const { feed, froms } = await openShared(1, 2, 3, 4);
    const [restored, fresh] = [new Journal(), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(restored, { from: after(position(1)) });
    shared.attach(fresh);
    await shared.start();
    await shared.live;
    expect(froms).toEqual(["start"]);
    expect(restored.entries).toEqual(depositsOf("a-1", 2, 3));
    expect(fresh.entries).toEqual(depositsOf("a-1", 0, 3));
  });

  it("L2: begins to read behind the lowest checkpoint when all are restored", async () => {
    const { feed, froms } = await openShared(1, 2, 3, 4, 5);
    const [nearer, further] = [new Journal(), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(further, { from: { feed: FEED, version: null, position: position(3) } });
    shared.attach(nearer, { from: after(position(1)) });
    await shared.start();
    await shared.live;
    expect(froms).toEqual([{ after: 1 }]);
    expect(nearer.entries).toEqual(depositsOf("a-1", 2, 4));
    expect(further.entries).toEqual(depositsOf("a-1", 4, 4));
    expect(further.health).toMatchObject([{ handledUpTo: 4, status: "live" }]);
  });

  it("L2: never tells a restored model less than it knows", async () => {
    const { feed } = await openShared(1, 2, 3, 4);
    const [restored, fresh] = [new Journal(), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(restored, { from: after(position(3)) });
    shared.attach(fresh);
    await shared.start();
    await shared.live;
    expect(restored.entries).toEqual([]);
    expect(restored.health).toMatchObject([{ handledUpTo: 3, checkpoint: { position: 3 } }]);
  });

  it("L2: leaves a restored model where it is while others read what lies before", async () => {
    const { feed } = await openShared(...Array.from({ length: 250 }, (_, index) => index + 1));
    const gate = new Gate();
    const fresh = new Journal((event) => (event instanceof AmountDeposited && event.amount === 50 ? gate.pass() : undefined));
    const restored = new Journal();
    const shared = shareFeed(feed);
    shared.attach(restored, { from: after(position(220)) });
    shared.attach(fresh);
    const seen: unknown[] = [];
    const starting = shared.start();
    await quiet();
    seen.push(restored.health[0]?.handledUpTo, restored.health[0]?.checkpoint.position, restored.entries.length);
    gate.open();
    await starting;
    await shared.live;
    expect(seen).toEqual([220, 220, 0]);
    expect(restored.entries).toEqual(depositsOf("a-1", 221, 249));
  });

  it("refuses to go on from a place that the log has not come to, and starts none", async () => {
    const { feed } = await openShared(1);
    const [ahead, fresh] = [new Journal(), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(ahead, { from: after(position(7)) });
    shared.attach(fresh);
    await expect(shared.start()).rejects.toMatchObject({ code: "ahead-of-log" });
    expect([...ahead.health, ...fresh.health]).toMatchObject([{ status: "faulted" }, { status: "faulted" }]);
    expect(fresh.entries).toEqual([]);
  });

  it("L3: gives each model one live signal behind its history, and later events to all", async () => {
    const { feed, deposit } = await openShared(1, 2);
    const told: string[] = [];
    const [one, other] = [new Journal(), new Journal()];
    one.onceLive(() => told.push(`one after ${one.entries.length}`));
    other.onceLive(() => told.push(`other after ${other.entries.length}`));
    const shared = shareFeed(feed);
    shared.attach(one);
    shared.attach(other, { from: after(position(1)) });
    await shared.start();
    await shared.live;
    const saved = await deposit("a-2", 7);
    await Promise.all([one.caughtUpTo(saved), other.caughtUpTo(saved)]);
    expect(told.toSorted()).toEqual(["one after 2", "other after 0"]);
    expect(one.entries.at(-1)).toBe("AmountDeposited 0 of banking.account-a-2");
    expect(other.entries).toEqual(["AmountDeposited 0 of banking.account-a-2"]);
  });

  it("L4: refuses another model, and another start, once it has started", async () => {
    const { feed } = await openShared(1);
    const shared = shareFeed(feed);
    shared.attach(new Journal());
    await shared.start();
    expect(() => shared.attach(new Journal())).toThrow("would miss history and the live signal");
    await expect(shared.start()).rejects.toMatchObject({ code: "already-started" });
    await expect(shared.start()).rejects.toThrow("would miss history and the live signal");
  });

  it("L6: records the last position that it had read when it went live, which round-trips as an external checkpoint", async () => {
    const { feed, deposit } = await openShared(1, 2, 3);
    const [model, owner] = [new Journal(), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(model);
    expect(shared.checkpoint).toEqual({ feed: FEED, version: null, position: null });
    await shared.start();
    await shared.live;
    await model.caughtUpTo(await deposit("a-2", 1));
    expect(shared.checkpoint).toEqual({ feed: FEED, version: null, position: 2 });
    owner.recordExternal(shared.checkpoint);
    expect(owner.externalCheckpoints).toEqual([shared.checkpoint]);
    expect(JSON.parse(JSON.stringify(owner.externalCheckpoints))).toEqual([shared.checkpoint]);
  });

  it("L6: records no position where there was nothing to read", async () => {
    const { feed } = await openShared();
    const shared = shareFeed(feed);
    shared.attach(new Journal());
    await shared.start();
    await shared.live;
    expect(shared.checkpoint).toEqual({ feed: FEED, version: null, position: null });
  });

  it("L6: goes on with the others when one model is closed, in the middle of the history too", async () => {
    const { feed, deposit } = await openShared(1, 2, 3);
    const gate = new Gate();
    const [stuck, other] = [new Journal(() => gate.pass()), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(stuck);
    shared.attach(other);
    await shared.start();
    await other.live;
    const closing = stuck.close();
    gate.open();
    await closing;
    await other.caughtUpTo(await deposit("a-2", 1, 2));
    expect(other.entries).toHaveLength(5);
    expect(stuck.entries).toHaveLength(1);
  });

  it("ends to read when all of its models are closed", async () => {
    const { feed } = await openShared(1);
    const [one, other] = [new Journal(), new Journal()];
    const shared = shareFeed(feed);
    shared.attach(one);
    shared.attach(other);
    await shared.start();
    await one.close();
    expect(shared.health.status).toBe("live");
    await other.close();
    await quiet();
    expect(shared.health.status).toBe("closed");
  });

  it("waits for its slowest model, and holds no more than a message for it", async () => {
    const { feed } = await openShared(...Array.from({ length: 1_000 }, (_, index) => index + 1));
    const gate = new Gate();
    const slow = new Journal((event) => (event instanceof AmountDeposited && event.amount === 2 ? gate.pass() : undefined));
    const fast = new Journal();
    const shared = shareFeed(feed);
    shared.attach(slow);
    shared.attach(fast);
    await shared.start();
    await quiet();
    expect(fast.entries).toHaveLength(200);
    expect(await isSettled(shared.live)).toBe(false);
    gate.open();
    await shared.live;
    expect(slow.entries).toEqual(depositsOf("a-1", 0, 999));
    expect(fast.entries).toEqual(slow.entries);
  });

  it("I13: goes on behind what it has read when the store interrupts it, without loss or repetition", async () => {
    const time = createTestRuntime();
    const { feed, froms, deposit, faults } = await openShared(1, 2);
    const [one, other] = [new Journal(), new Journal()];
    const shared = withRuntime(time.runtime, () => shareFeed(feed));
    shared.attach(one);
    shared.attach(other);
    const told: unknown[] = [];
    await shared.start({ resume: { minDelayMs: 100, maxDelayMs: 100 }, onInterruption: (error) => told.push(error) });
    await shared.live;
    expect(faults.dropSubscriptions()).toBe(1);
    await quiet();
    expect(told).toMatchObject([{ code: "store-unavailable" }]);
    expect(shared.health).toMatchObject({ status: "interrupted", interruptions: 1, error: { code: "store-unavailable" } });
    const saved = await deposit("a-2", 1);
    await time.clock.advanceBy(100);
    await Promise.all([one.caughtUpTo(saved), other.caughtUpTo(saved)]);
    expect(froms).toEqual(["start", { after: 1 }]);
    expect(one.entries).toEqual([...depositsOf("a-1", 0, 1), ...depositsOf("a-2", 0, 0)]);
    expect(other.entries).toEqual(one.entries);
    expect(shared.health).toMatchObject({ status: "live", error: undefined, readUpTo: 2 });
  });

  it("I13: is a fault of all its models when it may not go on", async () => {
    const { feed, faults } = await openShared(1);
    const told: unknown[] = [];
    const model = new Journal();
    const shared = shareFeed(feed);
    shared.attach(model, { onFault: (fault) => told.push(fault) });
    await shared.start({ resume: false });
    await shared.live;
    faults.dropSubscriptions();
    await quiet();
    const error = { code: "feed-faulted", details: { owner: "The shared read" }, cause: { code: "store-unavailable" } };
    expect(shared.health).toMatchObject({ status: "faulted", error });
    expect(told).toMatchObject([{ code: "feed-faulted", details: { owner: "Journal" }, cause: error }]);
  });

  it("lets a model that was interrupted by itself catch up by itself", async () => {
    const time = createTestRuntime();
    const { feed, deposit } = await openShared(1, 2, 3);
    let isAway = true;
    const { serializer } = feed;
    const deserialize: EventFeed["serializer"]["deserialize"] = (event) => {
      if (event.version === 1 && isAway) throw new StoreUnavailable("The key service", "is away", { retryable: true });
      return serializer.deserialize(event);
    };
    const failing = { ...feed, serializer: { serialize: serializer.serialize.bind(serializer), deserialize } };
    const model = withRuntime(time.runtime, () => new Journal());
    const shared = shareFeed(failing);
    shared.attach(model, { resume: { minDelayMs: 50, maxDelayMs: 50 } });
    await shared.start();
    await quiet();
    expect(model.health).toMatchObject([{ status: "interrupted", handledUpTo: 0 }]);
    isAway = false;
    await time.clock.advanceBy(50);
    await shared.live;
    await model.caughtUpTo(await deposit("a-2", 1));
    expect(model.entries).toEqual([...depositsOf("a-1", 0, 2), ...depositsOf("a-2", 0, 0)]);
  });

  it("stops with its signal, which each model tells as a fault", async () => {
    const { feed } = await openShared(1);
    const abort = new AbortController();
    const model = new Journal();
    const faults: unknown[] = [];
    const shared = shareFeed(feed);
    shared.attach(model, { onFault: (fault) => faults.push(fault) });
    await shared.start({ signal: abort.signal });
    await shared.live;
    abort.abort(new Error("no longer wanted"));
    await quiet();
    expect(faults).toMatchObject([{ code: "feed-faulted", cause: { code: "feed-faulted", cause: new Error("no longer wanted") } }]);
    expect(shared.health.status).toBe("faulted");
  });

  it("is not made of a single stream, of what is no feed, and takes no end to begin with", async () => {
    const { bank, feed } = await openShared();
    expect(() => shareFeed(bank.aggregate(Account, "a-1"))).toThrow("one of a category");
    expect(() => shareFeed({} as EventFeed)).toThrow("a feed");
    const shared = shareFeed(feed);
    expect(() => shared.attach(new Journal(), { from: "end" })).toThrow("from must be start");
    expect(() => shared.attach({} as Journal)).toThrow("model must be a read model");
  });
});
