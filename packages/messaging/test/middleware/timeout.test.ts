import { getEventListeners } from "node:events";
import { sleep } from "@reactive-domain/core";
import {
  createCommandBus,
  createQueryBus,
  Query,
  retryOnConflict,
  timeout,
  TimedOut,
  type MessageContext,
} from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { BalanceOf, CloseAccount } from "../banking.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { allBuses, Fate, inTestTime, stepErrorOf } from "./buses.ts";

const never = (): Promise<never> => new Promise(() => undefined);

describe.each(allBuses)("timeout on %s", (name, createBus) => {
  it("throws timed-out when the time is up, not before, and aborts the signal that the handler sees", () =>
    inTestTime(async (test) => {
      let seen: AbortSignal | undefined;
      const { bus, deliver } = createBus([timeout({ ms: 100 })], (_, { signal }) => {
        seen = signal;
        return never();
      });
      const error = rejectionOf(deliver("a"));
      const fate = new Fate(deliver("b"));
      await test.clock.advanceBy(99.9);
      expect([fate.is, seen?.aborted]).toEqual(["pending", false]);
      await test.clock.advanceBy(0.1);
      await test.settle();
      expect(fate.is).toBe("timed-out");
      expect(stepErrorOf(await error)).toBeInstanceOf(TimedOut);
      expect(seen?.reason).toMatchObject({ code: "timed-out", details: { timeoutMs: 100 } });
      expect(bus.describe().middleware).toEqual(["timeout"]);
    }));

  it("gives the handler's answer or error where it is quicker, and leaves no timer and no listener behind", () =>
    inTestTime(async (test) => {
      const sender = new AbortController();
      const failure = new Error("no");
      const { deliver } = createBus([timeout({ ms: 100 })], async (what) => {
        await sleep(50);
        if (what === "fails") throw failure;
        return what;
      });
      const answered = test.run(() => deliver("a", sender.signal));
      expect(await answered).toBe(name === "an event bus" ? undefined : "a");
      const error = (await test.run(() => rejectionOf(deliver("fails", sender.signal)))) as Error;
      expect(error.cause ?? error).toBe(failure);
      await test.settle();
      expect(test.pendingTimers).toBe(0);
      expect(getEventListeners(sender.signal, "abort")).toHaveLength(0);
    }));

  it("has the handler's signal abort also with the sender's, at once or later", () =>
    inTestTime(async (test) => {
      const sender = new AbortController();
      const seen: (AbortSignal | undefined)[] = [];
      const { deliver } = createBus([timeout({ ms: 100 })], (_, { signal }) => {
        seen.push(signal);
        return sleep(10_000, { signal });
      });
      const fate = new Fate(deliver("a", sender.signal));
      await test.clock.advanceBy(10);
      sender.abort(new Error("enough"));
      await test.settle();
      expect(fate.is).not.toBe("pending");
      expect(seen[0]?.reason).toEqual(new Error("enough"));
      expect(getEventListeners(sender.signal, "abort")).toHaveLength(0);
    }));

  it("tells also a handler that asks for its signal only when the time is up, or when it has ended, and does not listen then", () =>
    inTestTime(async (test) => {
      const sender = new AbortController();
      const contexts: MessageContext[] = [];
      const { deliver } = createBus([timeout({ ms: 10 })], async (what, context) => {
        contexts.push(context);
        await sleep(what === "slow" ? 20 : 5);
      });
      const fates = [new Fate(deliver("slow", sender.signal)), new Fate(deliver("quick", sender.signal))];
      await test.clock.advanceBy(15);
      await test.settle();
      expect(fates.map(({ is }) => is)).toEqual(["timed-out", "resolved"]);
      const seen = contexts.map(({ signal }) => signal);
      expect(seen.map((signal) => signal?.aborted).toSorted((one, other) => Number(other) - Number(one))).toEqual([true, false]);
      expect(getEventListeners(sender.signal, "abort")).toHaveLength(0);
    }));

  it("passes over what the handler comes to later", () =>
    inTestTime(async (test) => {
      const { deliver } = createBus([timeout({ ms: 10 })], async () => {
        await sleep(20);
        throw new Error("late");
      });
      const fate = new Fate(deliver("a"));
      await test.clock.advanceBy(10);
      await test.settle();
      expect(fate.is).toBe("timed-out");
      await test.clock.advanceBy(10);
      await test.settle();
    }));
});

describe("timeout", () => {
  it("takes a signal that has aborted before for one that aborts", () =>
    inTestTime(async () => {
      const aborted = AbortSignal.abort(new Error("before"));
      let seen: AbortSignal | undefined;
      const queries = createQueryBus({ middleware: [(_, __, next) => next({ signal: aborted }), timeout({ ms: 10 })] });
      queries.handle(BalanceOf, (_, { signal }) => {
        seen = signal;
        return { balance: 1 };
      });
      await queries.ask(new BalanceOf({ accountId: "a" }));
      expect(seen?.reason).toEqual(new Error("before"));
    }));

  it("outside of another step bounds all that the other does", () =>
    inTestTime(async (test) => {
      let attempts = 0;
      const retryIf = (): boolean => true;
      const commands = createCommandBus({
        middleware: [timeout({ ms: 100 }), retryOnConflict({ attempts: 1_000, minDelayMs: 10, maxDelayMs: 10, retryIf })],
      });
      commands.handle(CloseAccount, () => {
        attempts++;
        throw new Error("no");
      });
      const fate = new Fate(commands.send(new CloseAccount({ accountId: "a" })));
      await test.clock.advanceBy(95);
      expect([fate.is, attempts]).toEqual(["pending", 10]);
      await test.clock.advanceBy(1_000);
      expect([fate.is, attempts]).toEqual(["timed-out", 10]);
    }));

  it("is over when an answer bit by bit begins, whose handler still hears of the sender's wish to stop", () =>
    inTestTime(async (test) => {
      class Lines extends Query("Lines")<{ accountId: string }, AsyncIterable<number>> {}
      let seen: AbortSignal | undefined;
      const queries = createQueryBus({ middleware: [timeout({ ms: 10 })] });
      queries.handle(Lines, async function* (_, { signal }) {
        seen = signal;
        for (let line = 0; ; line++) {
          yield line;
          await sleep(20, { signal });
        }
      });
      const sender = new AbortController();
      const lines: number[] = [];
      const read = async (): Promise<void> => {
        for await (const line of queries.stream(new Lines({ accountId: "a" }), { signal: sender.signal })) lines.push(line);
      };
      const fate = new Fate(read());
      await test.clock.advanceBy(50);
      expect([fate.is, lines]).toEqual(["pending", [0, 1, 2]]);
      sender.abort(new Error("enough"));
      await test.settle();
      expect(fate.is).toBe("message-canceled");
      expect(seen?.reason).toEqual(new Error("enough"));
      expect(test.pendingTimers).toBe(0);
    }));

  it("says where more time can be given, as the bus does for its own", () => {
    expect(new TimedOut("Deposit", 5, "ms of the step timeout").message).toContain("Give it more time (ms of the step timeout)");
    expect(new TimedOut("Deposit", 5).message).toContain("Give it more time (responseTimeoutMs)");
  });

  it("refuses a time that is none", () => {
    for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(refusalOf(() => timeout({ ms }))).toMatchObject({ code: "invalid-argument", details: { argument: "ms of timeout" } });
  });
});
