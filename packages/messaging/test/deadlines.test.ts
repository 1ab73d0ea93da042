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
      expect(test.pendingTimers).toBe(1);
      for (const [index, deadline] of all.entries()) if (index % 3 !== 1) deadlines.lift(deadline);
      await test.clock.advanceBy(2_000);
      expect(called).toBe(all.filter((_, index) => index % 3 === 1).length);
      expect(test.pendingTimers).toBe(0);
    });
  });
});
