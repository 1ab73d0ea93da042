import { after, createInMemoryStore, InvalidArgument, position, type Subscription } from "@reactive-domain/foundation";
import { createTestRuntime, injectFaults, type FaultyStore } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { inShort, note, positionsOf } from "./noted.ts";

const ALL = { all: true } as const;

/** A store with 5 events, 3 of `a-1` and 2 of `a-2`. */
async function open(): Promise<FaultyStore> {
  const faults = injectFaults(createInMemoryStore());
  await note(faults.store, "a-1", 3);
  await note(faults.store, "a-2", 2);
  return faults;
}

/** So many messages of a subscription, and what comes instead of them where it ends. */
async function take(subscription: Subscription, count: number): Promise<readonly string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const step = await subscription.next().catch((error: unknown) => ({ error }));
    taken.push("error" in step ? String(step.error) : step.done === true ? "end" : inShort(step.value));
  }
  return taken;
}

const DROPPED = "StoreUnavailable: The store fails as planned.";

describe("dropping the subscriptions that are open", () => {
  it("throws the error to each reader once, ends the iteration, and is told as a failure", async () => {
    const faults = await open();
    const subscription = faults.store.subscribe(ALL);
    expect(await take(subscription, 2)).toEqual(["0 1 2 3 4 up to 4", "live at 4"]);
    expect(faults.dropSubscriptions()).toBe(1);
    expect(await take(subscription, 2)).toEqual([DROPPED, "end"]);
    expect(await subscription.dropped).toMatchObject({ reason: "failed", error: { code: "store-unavailable", retryable: true } });
    expect(faults).toMatchObject({ failed: 1, planned: 0 });
    expect(faults.dropSubscriptions()).toBe(0);
  });

  it("wakes a reader that waits for events, and lets the next subscription go well", async () => {
    await createTestRuntime().run(async () => {
      const faults = await open();
      const subscription = faults.store.subscribe(ALL, { from: "end" });
      expect(await take(subscription, 2)).toEqual([" up to 4", "live at 4"]);
      const waiting = take(subscription, 1);
      faults.dropSubscriptions({ error: new Error("cut") });
      await note(faults.store, "a-3", 1);
      expect(await waiting).toEqual(["Error: cut"]);
      expect(await take(faults.store.subscribe(ALL, { from: after(position(4)) }), 2)).toEqual(["5 up to 5", "live at 5"]);
    });
  });

  it("is about those of a source, where one is given, and not about those that have ended", async () => {
    const faults = await open();
    const [one, other, closed] = [{ stream: "a-1" }, ALL, { stream: "a-1" }].map((source) => faults.store.subscribe(source));
    await closed?.close();
    expect(faults.dropSubscriptions({ source: { stream: "a-1" } })).toBe(1);
    expect(await take(one as Subscription, 1)).toEqual([DROPPED]);
    expect(await take(other as Subscription, 1)).toEqual(["0 1 2 3 4 up to 4"]);
    expect(faults.failed).toBe(1);
  });

  it("keeps what would have been said: a message on its way is not told", async () => {
    const faults = await open();
    const subscription = faults.store.subscribe(ALL);
    const first = take(subscription, 1);
    faults.dropSubscriptions();
    expect(await first).toEqual([DROPPED]);
  });
});

describe("dropping the next subscriptions behind some events", () => {
  it("cuts the batch in which it lies, and tells how far it came", async () => {
    const faults = await open();
    expect(faults.dropSubscriptions({ afterEvents: 3 })).toBe(0);
    const subscription = faults.store.subscribe({ category: "a" }, { maxBatchEvents: 2 });
    expect(faults.planned).toBe(1);
    expect(await take(subscription, 4)).toEqual(["0 1 up to 1", "2 up to 2", DROPPED, "end"]);
    expect(faults).toMatchObject({ failed: 1, planned: 0 });
    const resumed = faults.store.subscribe({ category: "a" }, { from: after(position(2)) });
    expect(await take(resumed, 2)).toEqual(["3 4 up to 4", "live at 4"]);
  });

  it("counts events of the history and new ones alike, and nothing else", async () => {
    const faults = await open();
    faults.dropSubscriptions({ afterEvents: 4 });
    const subscription = faults.store.subscribe({ stream: "a-1" });
    expect(await take(subscription, 2)).toEqual(["0 1 2 up to 4", "live at 4"]);
    await note(faults.store, "a-2", 1);
    await note(faults.store, "a-1", 2);
    const rest = await take(subscription, 3);
    expect(rest.filter((message) => message.startsWith("6"))).toEqual(["6 up to 6"]);
    expect(rest).toContain(DROPPED);
  });

  it("comes as often as it is planned, after those that are to go well, to those of its source", async () => {
    const faults = await open();
    faults.dropSubscriptions({ afterEvents: 1, skip: 1, times: 2, source: ALL });
    const shown: string[] = [];
    for (const source of [ALL, { stream: "a-1" }, ALL, ALL, ALL]) {
      const subscription = faults.store.subscribe(source);
      shown.push((await take(subscription, 2)).at(-1) ?? "");
      await subscription.close();
    }
    expect(shown).toEqual(["live at 4", "live at 4", DROPPED, DROPPED, "live at 4"]);
  });

  it("is met by the next one where a subscription ends before", async () => {
    const faults = await open();
    faults.dropSubscriptions({ afterEvents: 6 });
    const subscription = faults.store.subscribe(ALL);
    expect(await take(subscription, 2)).toEqual(["0 1 2 3 4 up to 4", "live at 4"]);
    await subscription.close();
    expect(await subscription.dropped).toEqual({ reason: "closed", error: undefined });
    expect(await take(subscription, 1)).toEqual(["end"]);
    expect(faults).toMatchObject({ failed: 0, planned: 1 });
  });

  it("is forgotten by heal, also by a subscription that was about to meet it", async () => {
    const faults = await open();
    faults.dropSubscriptions({ afterEvents: 3, times: 2 });
    const [before, within] = [faults.store.subscribe(ALL, { maxBatchEvents: 2 }), faults.store.subscribe(ALL)];
    expect(await take(before, 1)).toEqual(["0 1 up to 1"]);
    expect(await take(within, 1)).toEqual(["0 1 2 up to 2"]);
    faults.heal();
    expect(await take(before, 3)).toEqual(["2 3 up to 3", "4 up to 4", "live at 4"]);
    // Nothing of the batch that was cut is lost.
    expect(await take(within, 2)).toEqual(["3 4 up to 4", "live at 4"]);
    expect(faults).toMatchObject({ failed: 0, planned: 0 });
  });
});

describe("a subscription that is to fail", () => {
  it("fails at its first answer", async () => {
    const faults = await open();
    faults.failSubscriptions({ times: 2, error: new Error("away") });
    expect(await take(faults.store.subscribe(ALL), 2)).toEqual(["Error: away", "end"]);
    const subscription = faults.store.subscribe(ALL);
    expect(faults.planned).toBe(1);
    expect(await take(subscription, 1)).toEqual(["Error: away"]);
    expect(await take(faults.store.subscribe(ALL), 1)).toEqual(["0 1 2 3 4 up to 4"]);
    expect(faults).toMatchObject({ failed: 2, planned: 0 });
  });
});

describe("a subscription that meets no fault", () => {
  it("is the real one: event by event, resumed, aborted, refused, ended by its store", async () => {
    const faults = await open();
    const events = [];
    for await (const event of faults.store.subscribe({ stream: "a-2" }).events()) if (events.push(event) === 2) break;
    expect(positionsOf(events)).toEqual([3, 4]);
    const abort = new AbortController();
    const aborted = faults.store.subscribe(ALL, { signal: abort.signal, from: after(position(3)) });
    expect(await take(aborted, 1)).toEqual(["4 up to 4"]);
    abort.abort(new Error("enough"));
    expect(await take(aborted, 2)).toEqual(["Error: enough", "end"]);
    expect(await aborted.dropped).toMatchObject({ reason: "aborted" });
    expect(() => faults.store.subscribe({ stream: "" })).toThrow(InvalidArgument);
    await using last = faults.store.subscribe(ALL);
    await faults.store.close();
    expect(await last.dropped).toMatchObject({ reason: "store-closed" });
    expect(faults).toMatchObject({ failed: 0, planned: 0 });
  });

  it("reads nothing ahead of its reader", async () => {
    const faults = await open();
    const subscription = faults.store.subscribe(ALL, { maxBatchEvents: 1 });
    expect(await Promise.all([take(subscription, 1), take(subscription, 1)])).toEqual([["0 up to 0"], ["1 up to 1"]]);
    await subscription[Symbol.asyncDispose]();
  });
});

describe("a fault of subscriptions that means nothing", () => {
  it.each([null, 5, { times: 2 }, { skip: 1 }, { source: "a-1" }, { afterEvents: -1 }, { error: "x" }, { stream: "a" }])(
    "is refused: %j",
    (fault) => {
      const faults = injectFaults(createInMemoryStore());
      expect(() => faults.dropSubscriptions(fault as never)).toThrow(InvalidArgument);
    },
  );

  it("is refused also where a subscription is to fail at once", () => {
    const faults = injectFaults(createInMemoryStore());
    expect(() => faults.failSubscriptions({ afterEvents: 1 } as never)).toThrow(InvalidArgument);
  });
});
