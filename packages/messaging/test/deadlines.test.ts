import type { Scheduler } from "@reactive-domain/core";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Deadlines, type Deadline } from "../src/bus/deadlines.ts";

/** So many different lengths that those without a deadline are forgotten. */
const LENGTHS = 200;

describe("deadlines", () => {
  it("call each when its time has come, whichever was set first, and those that were lifted never", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const deadlines = new Deadlines(test.runtime);
      const called: string[] = [];
      const call = (name: string): (() => void) => {
        return () => called.push(`${name} at ${test.clock.monotonicMs() - startMs}`);
      };
      const startMs = test.clock.monotonicMs();
      deadlines.set(300, call("late"));
      const lifted = deadlines.set(200, call("lifted"));
      deadlines.set(200, call("middle"));
      deadlines.set(100, call("early"));
      await test.clock.advanceBy(150);
      deadlines.set(50, call("late comer"));
      deadlines.lift(lifted);
      deadlines.lift(lifted);
      await test.clock.advanceBy(1_000);
      expect(called).toEqual(["early at 100", "middle at 200", "late comer at 200", "late at 300"]);
      expect(test.pendingTimers).toBe(0);
    });
  });

  it("may be lifted by another that is called before, at the same moment", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const deadlines = new Deadlines(test.runtime);
      const called: string[] = [];
      const second: { deadline?: Deadline } = {};
      deadlines.set(100, () => {
        called.push("first");
        if (second.deadline !== undefined) deadlines.lift(second.deadline);
      });
      second.deadline = deadlines.set(100, () => called.push("second"));
      deadlines.set(100, () => called.push("third"));
      await test.clock.advanceBy(100);
      expect(called).toEqual(["first", "third"]);
    });
  });

  it("need one timer however many there are, and may be lifted in any order", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const deadlines = new Deadlines(test.runtime);
      let called = 0;
      const all = Array.from({ length: 1_000 }, (_, index) => deadlines.set(1_000 + (index % LENGTHS), () => called++));
      await test.settle();
      expect(test.pendingTimers).toBe(1);
      for (const [index, deadline] of all.entries()) if (index % 3 !== 1) deadlines.lift(deadline);
      await test.clock.advanceBy(2_000);
      expect(called).toBe(all.filter((_, index) => index % 3 === 1).length);
      expect(test.pendingTimers).toBe(0);
    });
  });

  it("are called in the order of their times by a process that stood still, and none before its time", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      let stoodMs = 0;
      const { clock } = test;
      const runtime = { ...test.runtime, clock: { now: () => clock.now() + stoodMs, monotonicMs: () => clock.monotonicMs() + stoodMs } };
      const deadlines = new Deadlines(runtime);
      const called: string[] = [];
      deadlines.set(30, () => called.push("second"));
      deadlines.set(20, () => called.push("first"));
      deadlines.set(101, () => called.push("last"));
      await test.settle();
      stoodMs = 80;
      await test.clock.advanceBy(20);
      expect(called).toEqual(["first", "second"]);
      await test.clock.advanceBy(1);
      expect(called).toEqual(["first", "second", "last"]);
    });
  });

  it("are timed when the loop turns: one that was set in a long turn is not due too early, and one that was lifted in it takes no timer", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      let stoodMs = 0;
      const { clock } = test;
      const runtime = { ...test.runtime, clock: { now: () => clock.now(), monotonicMs: () => clock.monotonicMs() + stoodMs } };
      const deadlines = new Deadlines(runtime);
      let called = 0;
      deadlines.lift(deadlines.set(50, () => called++));
      await test.settle();
      expect(test.pendingTimers).toBe(0);
      deadlines.set(100, () => called++);
      stoodMs = 80;
      await test.clock.advanceBy(99);
      expect(called).toBe(0);
      await test.clock.advanceBy(1);
      expect(called).toBe(1);
    });
  });

  it("are called at their own times, with one timer for the next of them", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const deadlines = new Deadlines(test.runtime);
      const startMs = test.clock.monotonicMs();
      const calledMs: number[] = [];
      for (const afterMs of [300, 200, 100, 400]) {
        deadlines.set(afterMs, () => calledMs.push(test.clock.monotonicMs() - startMs));
        await test.settle();
        expect(test.pendingTimers).toBe(1);
      }
      await test.clock.advanceBy(1_000);
      expect(calledMs).toEqual([100, 200, 300, 400]);
    });
  });

  it("leave no timer behind when the last was lifted, each time, also after one was called", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const deadlines = new Deadlines(test.runtime);
      for (const round of [1, 2, 3]) {
        const deadline = deadlines.set(100, () => undefined);
        await test.settle();
        expect(test.pendingTimers).toBe(1);
        deadlines.lift(deadline);
        await test.settle();
        expect([round, test.pendingTimers]).toEqual([round, 0]);
        deadlines.set(100, () => undefined);
        await test.clock.advanceBy(100);
      }
    });
  });

  it("keep the timer for whoever sends one after another, and look once whether it is still wanted", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      let looks = 0;
      const { scheduler } = test.runtime;
      const counting: Scheduler = {
        turn: () => scheduler.turn(),
        after: (delayMs, task) => scheduler.after(delayMs, task),
        soon: (task) => {
          looks++;
          scheduler.soon(task);
        },
      };
      const deadlines = new Deadlines({ ...test.runtime, scheduler: counting });
      for (let sent = 0; sent < 10; sent++) deadlines.lift(deadlines.set(100, () => undefined));
      let called = 0;
      deadlines.set(100, () => called++);
      await test.settle();
      expect([looks, test.pendingTimers]).toEqual([1, 1]);
      await test.clock.advanceBy(100);
      expect(called).toBe(1);
    });
  });
});
