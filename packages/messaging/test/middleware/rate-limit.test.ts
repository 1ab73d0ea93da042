import { getEventListeners } from "node:events";
import { withRuntime } from "@reactive-domain/core";
import { createCommandBus, createQueryBus, rateLimit, type RateLimitOptions } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { BalanceOf, CloseAccount } from "../banking.ts";
import { HandSetRuntime } from "../hand-set-runtime.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { allBuses, Fate, inTestTime, stepErrorOf } from "./buses.ts";

describe.each(allBuses)("rateLimit on %s", (_, createBus) => {
  it("lets a burst through, then as many as come back with time, and tells a refused sender when to come", () =>
    inTestTime(async (test) => {
      const handled: number[] = [];
      const { bus, deliver } = createBus([rateLimit({ perSecond: 10, burst: 3 })], () => void handled.push(test.clock.monotonicMs()));
      const send = (): Promise<unknown> => test.run(() => deliver("a").then(() => "handled", stepErrorOf));
      const outcomes = [];
      for (const waitMs of [0, 0, 0, 0, 99, 1, 0, 1_000, 0, 0, 0]) {
        await test.clock.advanceBy(waitMs);
        const outcome = await send();
        outcomes.push(
          outcome instanceof Error ? (outcome as unknown as { details: { retryAfterMs: number } }).details.retryAfterMs : outcome,
        );
      }
      expect(outcomes).toEqual(["handled", "handled", "handled", 100, 1, "handled", 100, "handled", "handled", "handled", 100]);
      expect(handled).toEqual([0, 0, 0, 100, 1_100, 1_100, 1_100]);
      expect(bus.describe().middleware).toEqual(["rateLimit"]);
    }));

  it("has messages wait for their time, in the order in which they came", () =>
    inTestTime(async (test) => {
      const handled: string[] = [];
      const { deliver } = createBus([rateLimit({ perSecond: 4, burst: 1, whenExceeded: "wait" })], (name) => {
        handled.push(`${name} at ${test.clock.monotonicMs()}`);
      });
      const fates: Fate[] = [];
      for (const name of ["a", "b", "c", "d"]) {
        fates.push(new Fate(deliver(name)));
        await test.settle();
      }
      await test.clock.advanceBy(2_000);
      expect(handled).toEqual(["a at 0", "b at 250", "c at 500", "d at 750"]);
      expect(fates.every(({ is }) => is === "resolved")).toBe(true);
      expect(test.pendingTimers).toBe(0);
    }));

  it("ends a wait with the sender's signal, and those behind move up", () =>
    inTestTime(async (test) => {
      const handled: string[] = [];
      const sender = new AbortController();
      const { deliver } = createBus([rateLimit({ perSecond: 10, burst: 1, whenExceeded: "wait" })], (name) => {
        handled.push(`${name} at ${test.clock.monotonicMs()}`);
      });
      const fates: Fate[] = [];
      for (const [name, signal] of [["a"], ["b", sender.signal], ["c"]] as const) {
        fates.push(new Fate(deliver(name, signal)));
        await test.settle();
      }
      await test.clock.advanceBy(50);
      sender.abort();
      await test.settle();
      expect(fates.map(({ is }) => is)).toEqual(["resolved", "message-canceled", "pending"]);
      await test.clock.advanceBy(50);
      expect(handled).toEqual(["a at 0", "c at 100"]);
      expect(getEventListeners(sender.signal, "abort")).toHaveLength(0);
      expect(test.pendingTimers).toBe(0);
    }));
});

describe("rateLimit", () => {
  it("refuses at once who would have to wait too long, and may send again", () =>
    inTestTime(async (test) => {
      const commands = createCommandBus({
        middleware: [rateLimit({ perSecond: 10, burst: 1, whenExceeded: "wait", maxWaitMs: 200 })],
      });
      commands.handle(CloseAccount, () => undefined);
      const send = (): Promise<unknown> => commands.send(new CloseAccount({ accountId: "a" }));
      const fates = [new Fate(send()), new Fate(send()), new Fate(send())];
      await test.settle();
      expect(await rejectionOf(send())).toMatchObject({
        code: "rate-limited",
        retryable: true,
        details: { type: "CloseAccount", perSecond: 10, retryAfterMs: 300 },
      });
      await test.clock.advanceBy(200);
      expect(fates.map(({ is }) => is)).toEqual(["resolved", "resolved", "resolved"]);
    }));

  it("runs no handler for a message that is given up in the moment in which its time has come", () =>
    inTestTime(async (test) => {
      const handled: string[] = [];
      const sender = new AbortController();
      const queries = createQueryBus({ middleware: [rateLimit({ perSecond: 2_000, burst: 2, whenExceeded: "wait" })] });
      queries.handle(BalanceOf, ({ accountId }) => {
        handled.push(accountId);
        if (accountId === "c") sender.abort();
        return { balance: 1 };
      });
      const fates: Fate[] = [];
      for (const accountId of "abcd") {
        const signal = accountId === "d" ? sender.signal : undefined;
        fates.push(new Fate(queries.ask(new BalanceOf({ accountId }), { signal })));
        await test.settle();
      }
      expect(handled).toEqual(["a", "b"]);
      await test.clock.advanceBy(1);
      await test.settle();
      expect(handled).toEqual(["a", "b", "c"]);
      expect(fates.map(({ is }) => is)).toEqual(["resolved", "resolved", "resolved", "message-canceled"]);
    }));

  it("arms no timer any more when the last who waits gives up, and a new one when another comes", () =>
    inTestTime(async (test) => {
      const queries = createQueryBus({ middleware: [rateLimit({ perSecond: 1, whenExceeded: "wait" })] });
      queries.handle(BalanceOf, () => ({ balance: 1 }));
      const sender = new AbortController();
      const ask = (signal?: AbortSignal): Fate => new Fate(queries.ask(new BalanceOf({ accountId: "a" }), { signal }));
      ask();
      await test.settle();
      const waiting = ask(sender.signal);
      await test.settle();
      expect(test.pendingTimers).toBe(1);
      sender.abort();
      await test.settle();
      expect([waiting.is, test.pendingTimers]).toEqual(["message-canceled", 0]);
      const later = ask();
      await test.clock.advanceBy(999);
      expect(later.is).toBe("pending");
      await test.clock.advanceBy(1);
      expect(later.is).toBe("resolved");
    }));

  it("lets nobody overtake those who wait, also where a timer is late", async () => {
    const runtime = new HandSetRuntime(0);
    const due: (() => void)[] = [];
    const scheduler = {
      ...runtime.scheduler,
      after: (_delayMs: number, task: () => void) => {
        due.push(task);
        return () => undefined;
      },
    };
    const handled: string[] = [];
    const late = { ...runtime, clock: runtime.clock, chance: runtime.chance, ids: runtime.ids, scheduler };
    const queries = withRuntime(late, () => createQueryBus({ middleware: [rateLimit({ perSecond: 10, burst: 5, whenExceeded: "wait" })] }));
    queries.handle(BalanceOf, ({ accountId }) => {
      handled.push(accountId);
      return { balance: 1 };
    });
    const asked = [..."abcdef"].map((accountId) => queries.ask(new BalanceOf({ accountId })));
    runtime.nowMs += 10_000;
    asked.push(queries.ask(new BalanceOf({ accountId: "g" })));
    due.shift()?.();
    await Promise.all(asked);
    expect(handled.join("")).toBe("abcdefg");
  });

  it("lets one message through every so many seconds where the rate is below one", () =>
    inTestTime(async (test) => {
      const queries = createQueryBus({ middleware: [rateLimit({ perSecond: 0.5 })] });
      queries.handle(BalanceOf, () => ({ balance: 1 }));
      const ask = (): Promise<unknown> => test.run(() => queries.ask(new BalanceOf({ accountId: "a" })));
      await ask();
      expect(await rejectionOf(ask())).toMatchObject({ details: { retryAfterMs: 2_000 } });
      await test.clock.advanceBy(2_000);
      expect(await ask()).toEqual({ balance: 1 });
    }));

  it("refuses options that make no sense", () => {
    const wrong: readonly (readonly [string, RateLimitOptions])[] = [
      ["perSecond", { perSecond: 0 }],
      ["perSecond", { perSecond: Number.POSITIVE_INFINITY }],
      ["burst", { perSecond: 1, burst: 0.5 }],
      ["burst", { perSecond: 1, burst: Number.NaN }],
      ["whenExceeded", { perSecond: 1, whenExceeded: "drop" as "wait" }],
      ["maxWaitMs", { perSecond: 1, whenExceeded: "wait", maxWaitMs: 0 }],
      ["maxWaitMs", { perSecond: 1, maxWaitMs: 10 }],
    ];
    for (const [name, options] of wrong)
      expect(refusalOf(() => rateLimit(options))).toMatchObject({
        code: "invalid-argument",
        details: { argument: `${name} of rateLimit` },
      });
  });
});
