import { createQueryBus, rateLimit, type WhenExceeded } from "@reactive-domain/messaging";
import type { TestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BalanceOf } from "../banking.ts";
import { Fate, inTestTime } from "./buses.ts";

const limits = fc.record({
  perSecond: fc.double({ min: 0.3, max: 3_000, noNaN: true }),
  burst: fc.double({ min: 1, max: 20, noNaN: true }),
});
const pauses = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 700, noNaN: true })), {
  size: "max",
  minLength: 1,
  maxLength: 60,
});

/** When each message passed, and what became of all, of messages that come after these pauses. */
async function passed(
  test: TestRuntime,
  script: readonly number[],
  options: { readonly perSecond: number; readonly burst: number; readonly whenExceeded: WhenExceeded },
) {
  const passes: { readonly number: number; readonly ms: number }[] = [];
  const queries = createQueryBus({ middleware: [rateLimit(options)] });
  queries.handle(BalanceOf, ({ accountId }) => {
    passes.push({ number: Number(accountId), ms: test.clock.monotonicMs() });
    return { balance: 0 };
  });
  const fates: Fate[] = [];
  for (const [number, pauseMs] of script.entries()) {
    await test.clock.advanceBy(pauseMs);
    fates.push(new Fate(queries.ask(new BalanceOf({ accountId: `${number}` }))));
    await test.settle();
  }
  return { passes, fates };
}

/** By how many messages more than it may the limit let through in any span between two messages. */
function excess(
  passes: readonly { readonly ms: number }[],
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const [first, { ms: fromMs }] of passes.entries())
    for (const [last, { ms: toMs }] of passes.entries())
      if (last >= first) most = Math.max(most, last - first + 1 - (burst + ((toMs - fromMs) * perSecond) / 1_000));
  return most;
}

/** What clocks and fractions may be off by. */
const INEXACT = 1e-5;

describe("rateLimit, with every rate, burst and times of messages,", () => {
  it.each(["refuse", "wait"] as const)("lets through no more than burst and rate allow in any span of time (%s)", async (whenExceeded) => {
    await fc.assert(
      fc.asyncProperty(limits, pauses, (limit, script) =>
        inTestTime(async (test) => {
          const { passes } = await passed(test, script, { ...limit, whenExceeded });
          await test.clock.advanceBy(1_000_000);
          expect(excess(passes, limit)).toBeLessThan(INEXACT);
        }),
      ),
      { numRuns: 40 },
    );
  });

  it("refuses nobody for whom there is room", async () => {
    await fc.assert(
      fc.asyncProperty(limits, pauses, ({ perSecond, burst }, script) =>
        inTestTime(async (test) => {
          const { fates } = await passed(test, script, { perSecond, burst, whenExceeded: "refuse" });
          let tokens = burst;
          for (const [number, pauseMs] of script.entries()) {
            tokens = Math.min(burst, tokens + (pauseMs * perSecond) / 1_000);
            const { is } = fates[number] as Fate;
            // So close to one that either is right.
            const isClose = Math.abs(tokens - 1) <= INEXACT;
            const expected = tokens > 1 ? "resolved" : "rate-limited";
            expect(is).toBe(isClose ? is : expected);
            if (is === "resolved") tokens--;
          }
        }),
      ),
      { numRuns: 40 },
    );
  });

  it("lets all that wait through in the end, in their order, none later than the timer's next millisecond", async () => {
    await fc.assert(
      fc.asyncProperty(limits, pauses, ({ perSecond, burst }, script) =>
        inTestTime(async (test) => {
          const { passes, fates } = await passed(test, script, { perSecond, burst, whenExceeded: "wait" });
          await test.clock.advanceBy(1_000_000);
          expect(fates.every(({ is }) => is === "resolved")).toBe(true);
          expect(passes.map(({ number }) => number)).toEqual(script.map((_, number) => number));
          expect(test.pendingTimers).toBe(0);
          const lastMs = Math.max(0, ...passes.map(({ ms }) => ms));
          const comeMs = script.reduce((sum, pauseMs) => sum + pauseMs, 0);
          expect(lastMs).toBeLessThanOrEqual(comeMs + (script.length * 1_000) / perSecond + script.length);
        }),
      ),
      { numRuns: 40 },
    );
  });
});
