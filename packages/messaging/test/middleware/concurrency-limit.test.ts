import { getEventListeners } from "node:events";
import { sleep } from "@reactive-domain/core";
import { concurrencyLimit, createCommandBus, createQueryBus, timeout, type CommandBus } from "@reactive-domain/messaging";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BalanceOf, CloseAccount, ForceClose } from "../banking.ts";
import { refusalOf } from "../refusal.ts";
import { allBuses, Fate, inTestTime } from "./buses.ts";

describe.each(allBuses)("concurrencyLimit on %s", (_, createBus) => {
  it("lets so many through at a time, and the others in the order in which they came", () =>
    inTestTime(async (test) => {
      const begun: string[] = [];
      const { bus, deliver } = createBus([concurrencyLimit({ max: 2 })], async (name) => {
        begun.push(name);
        await sleep(100);
        if (name === "b") throw new Error("no");
      });
      const fates: Fate[] = [];
      for (const name of ["a", "b", "c", "d", "e"]) {
        fates.push(new Fate(deliver(name)));
        await test.settle();
      }
      expect(begun).toEqual(["a", "b"]);
      await test.clock.advanceBy(100);
      await test.settle();
      expect(begun).toEqual(["a", "b", "c", "d"]);
      await test.clock.advanceBy(200);
      expect(begun).toEqual(["a", "b", "c", "d", "e"]);
      expect(fates.filter(({ is }) => is === "resolved")).toHaveLength(4);
      expect(bus.describe().middleware).toEqual(["concurrencyLimit"]);
    }));

  it("refuses when as many wait as may", () =>
    inTestTime(async (test) => {
      const { deliver } = createBus([concurrencyLimit({ max: 1, maxWaiting: 1 })], () => sleep(100));
      const fates = ["a", "b", "c"].map((name) => new Fate(deliver(name)));
      await test.settle();
      const outcomes = fates.map(({ is }) => is);
      expect(outcomes.filter((is) => is === "concurrency-limited")).toHaveLength(1);
      expect(outcomes.filter((is) => is === "pending")).toHaveLength(2);
      await test.clock.advanceBy(200);
      const later = new Fate(deliver("d"));
      await test.clock.advanceBy(100);
      expect(later.is).toBe("resolved");
    }));

  it("ends a wait with the sender's signal; the place goes to the next, and no handler runs", () =>
    inTestTime(async (test) => {
      const begun: string[] = [];
      const sender = new AbortController();
      const { deliver } = createBus([concurrencyLimit({ max: 1, maxWaiting: 2 })], async (name) => {
        begun.push(name);
        await sleep(100);
      });
      const fates: Fate[] = [];
      for (const [name, signal] of [["a"], ["b", sender.signal], ["c"]] as const) {
        fates.push(new Fate(deliver(name, signal)));
        await test.settle();
      }
      sender.abort();
      await test.settle();
      expect(fates.map(({ is }) => is)).toEqual(["pending", "message-canceled", "pending"]);
      const fourth = new Fate(deliver("d"));
      await test.clock.advanceBy(300);
      expect(begun).toEqual(["a", "c", "d"]);
      expect(fourth.is).toBe("resolved");
      expect(getEventListeners(sender.signal, "abort")).toHaveLength(0);
    }));
});

describe("concurrencyLimit", () => {
  it("tells a refused sender how things stand, and that it may send again", () =>
    inTestTime(async (test) => {
      const commands = createCommandBus({ middleware: [concurrencyLimit({ max: 1, maxWaiting: 0 })] });
      commands.handle(CloseAccount, () => sleep(100));
      const first = commands.trySend(new CloseAccount({ accountId: "a" }));
      await test.settle();
      expect(await commands.trySend(new CloseAccount({ accountId: "b" }))).toMatchObject({
        error: { code: "concurrency-limited", retryable: true, details: { type: "CloseAccount", max: 1, waiting: 0 } },
      });
      await test.clock.advanceBy(100);
      expect(await first).toMatchObject({ ok: true });
    }));

  it("runs no handler for a message that is given up in the moment in which it is let in, and gives its place back", () =>
    inTestTime(async (test) => {
      const fates: unknown[] = [];
      for (let ticks = 0; ticks < 12; ticks++) {
        const sender = new AbortController();
        const done = new Promise<void>((resolve) => test.runtime.scheduler.after(10, resolve));
        const queries = createQueryBus({ middleware: [concurrencyLimit({ max: 1 })] });
        queries.handle(BalanceOf, async (_, { signal }) => {
          expect(signal?.aborted).not.toBe(true);
          await done;
          return { balance: ticks };
        });
        const first = new Fate(queries.ask(new BalanceOf({ accountId: "a" })));
        await test.settle();
        const second = new Fate(queries.ask(new BalanceOf({ accountId: "b" }), { signal: sender.signal }));
        const giveUp = async (): Promise<void> => {
          await done;
          for (let left = ticks; left > 0; left--) await Promise.resolve();
          sender.abort();
        };
        const third = giveUp().then(() => new Fate(queries.ask(new BalanceOf({ accountId: "c" }))));
        await test.clock.advanceBy(10);
        await test.settle();
        expect([first.is, (await third).is]).toEqual(["resolved", "resolved"]);
        fates.push(second.is);
      }
      expect(new Set(fates)).toEqual(new Set(["message-canceled", "resolved"]));
    }));

  it("counts all handlers that have the same step around them, on whichever bus", () =>
    inTestTime(async (test) => {
      const limit = concurrencyLimit({ max: 1 });
      let atOnce = 0;
      let most = 0;
      const work = async (): Promise<void> => {
        most = Math.max(most, ++atOnce);
        await sleep(10);
        atOnce--;
      };
      const buses: readonly CommandBus[] = [createCommandBus({ middleware: [limit] }), createCommandBus({ middleware: [limit] })];
      for (const bus of buses) {
        bus.handle(CloseAccount, work);
        bus.handle(ForceClose, work);
      }
      await test.run(() =>
        Promise.all(
          buses.flatMap((bus) => [
            bus.send(new CloseAccount({ accountId: "a" })),
            bus.send(new ForceClose({ accountId: "a", orderedBy: "ben" })),
          ]),
        ),
      );
      expect(most).toBe(1);
    }));

  it("hangs where a handler waits for a message through the same limit, until a timeout ends it", () =>
    inTestTime(async (test) => {
      const commands = createCommandBus({ middleware: [timeout({ ms: 1_000 }), concurrencyLimit({ max: 1 })] });
      let inner = 0;
      commands.handle(ForceClose, () => void inner++);
      commands.handle(CloseAccount, ({ accountId }, { signal }) =>
        commands.send(new ForceClose({ accountId, orderedBy: "ben" }), { signal }),
      );
      const outer = new Fate(commands.send(new CloseAccount({ accountId: "a" })));
      await test.clock.advanceBy(999);
      expect(outer.is).toBe("pending");
      await test.clock.advanceBy(1);
      await test.settle();
      expect([outer.is, inner]).toEqual(["timed-out", 0]);
      const after = new Fate(commands.send(new ForceClose({ accountId: "a", orderedBy: "ben" })));
      await test.settle();
      expect([after.is, inner]).toEqual(["resolved", 1]);
    }));

  it("never lets more through than it may, and everybody in the end, whoever fails or gives up", async () => {
    const script = fc.array(fc.record({ workMs: fc.nat(20), fails: fc.boolean(), abortAfterMs: fc.option(fc.nat(30)) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(script, fc.integer({ min: 1, max: 4 }), (messages, max) =>
        inTestTime(async (test) => {
          let atOnce = 0;
          const commands = createCommandBus({ middleware: [concurrencyLimit({ max })] });
          commands.handle(CloseAccount, async ({ accountId }) => {
            expect(++atOnce).toBeLessThanOrEqual(max);
            await sleep(messages[Number(accountId)]?.workMs ?? 0);
            atOnce--;
            if (messages[Number(accountId)]?.fails === true) throw new Error("no");
          });
          const fates = messages.map(({ abortAfterMs }, index) => {
            const sender = new AbortController();
            if (abortAfterMs !== null) test.runtime.scheduler.after(abortAfterMs, () => sender.abort());
            return new Fate(commands.send(new CloseAccount({ accountId: `${index}` }), { signal: sender.signal }));
          });
          await test.clock.advanceBy(1_000);
          expect(fates.filter(({ is }) => is === "pending")).toEqual([]);
          expect(atOnce).toBe(0);
        }),
      ),
      { numRuns: 40 },
    );
  });

  it("refuses options that make no sense", () => {
    for (const max of [0, 1.5, Number.POSITIVE_INFINITY])
      expect(refusalOf(() => concurrencyLimit({ max }))).toMatchObject({ details: { argument: "max of concurrencyLimit" } });
    for (const maxWaiting of [-1, 0.5, Number.NaN])
      expect(refusalOf(() => concurrencyLimit({ max: 1, maxWaiting }))).toMatchObject({
        details: { argument: "maxWaiting of concurrencyLimit" },
      });
  });
});
