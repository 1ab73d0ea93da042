import { AssertionError } from "node:assert";
import { currentRuntime, InvalidArgument, sleep, systemRuntime, withRuntime, yieldToLoop } from "@reactive-domain/core";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const START_MS = Date.UTC(2024, 0, 1);

/** Three workers that take turns, and the order in which they got them. */
async function takeTurns({ runtime }: TestRuntime): Promise<string> {
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    for (let step = 0; step < 4; step++) {
      await runtime.scheduler.turn();
      order.push(name);
    }
  };
  await Promise.all(["a", "b", "c"].map((name) => work(name)));
  return order.join("");
}

function orderOfTurns(test: TestRuntime): Promise<string> {
  return test.run(() => takeTurns(test));
}

describe("the order of waiting steps", () => {
  it("is the same for the same seed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        expect(await orderOfTurns(createTestRuntime({ seed }))).toBe(await orderOfTurns(createTestRuntime({ seed })));
      }),
      { numRuns: 30 },
    );
  });

  it("differs between seeds, also between those that differ in their high bits", async () => {
    const seeds = [...Array.from({ length: 50 }, (_, seed) => seed), ...Array.from({ length: 50 }, (_, seed) => (seed + 1) * 2 ** 32)];
    const orders = await Promise.all(seeds.map((seed) => orderOfTurns(createTestRuntime({ seed }))));
    expect(new Set(orders).size).toBeGreaterThan(90);
    for (const first of ["a", "b", "c"]) expect(orders.some((order) => order.startsWith(first))).toBe(true);
  });

  it("does not depend on how many ids were asked for", async () => {
    const [one, other] = [createTestRuntime({ seed: 7 }), createTestRuntime({ seed: 7 })];
    for (let index = 0; index < 5; index++) one.runtime.ids.next();
    expect(await orderOfTurns(one)).toBe(await orderOfTurns(other));
  });

  it("lets everything that follows from one step come to rest before the next goes on", async () => {
    const test = createTestRuntime();
    let isRunning = false;
    const work = async (): Promise<void> => {
      await test.runtime.scheduler.turn();
      expect(isRunning).toBe(false);
      isRunning = true;
      for (let index = 0; index < 20; index++) await Promise.resolve();
      isRunning = false;
    };
    await test.run(() => Promise.all(Array.from({ length: 10 }, () => work())));
  });

  it("keeps tasks that are to run soon in the order in which they were given, among other steps", async () => {
    const test = createTestRuntime({ seed: 3 });
    const order: number[] = [];
    await test.run(async () => {
      for (let index = 0; index < 10; index++) test.runtime.scheduler.soon(() => order.push(index));
      await Promise.all([yieldToLoop(), takeTurns(test)]);
    });
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("goes on without run, too: whoever awaits a step gets it", async () => {
    const { runtime } = createTestRuntime();
    await withRuntime(runtime, async () => {
      await using store = createInMemoryStore();
      const event = {
        id: runtime.ids.next(),
        type: "Noted",
        schemaVersion: 1,
        contentType: "application/json",
        data: "{}",
        metadata: "{}",
      };
      await store.append("note-1", [event], { expectedVersion: "noStream" });
      for await (const { time } of store.read({ all: true })) expect(time.getTime()).toBe(START_MS);
    });
  });
});

describe("virtual time", () => {
  it("stands still until it is moved", async () => {
    const test = createTestRuntime();
    const { clock, runtime } = test;
    await test.run(() => takeTurns(test));
    expect([clock.now(), clock.monotonicMs()]).toEqual([START_MS, 0]);
    await clock.advanceBy(1_500);
    expect([clock.now(), clock.monotonicMs()]).toEqual([START_MS + 1_500, 1_500]);
    expect(runtime.clock.now()).toBe(START_MS + 1_500);
  });

  it("begins when it is told to", () => {
    expect(createTestRuntime({ startMs: 17 }).clock.now()).toBe(17);
  });

  // #region advance
  it("E7: runs timers when their time has come, in the order of their times, and not a millisecond before", async () => {
    const test = createTestRuntime();
    const fired: string[] = [];
    const remind = (what: string, delayMs: number): unknown => test.runtime.scheduler.after(delayMs, () => fired.push(what));
    remind("second", 50);
    remind("third", 50);
    remind("first", 20);
    remind("last", 51);

    await test.clock.advanceBy(49);
    expect(fired).toEqual(["first"]);
    await test.clock.advanceBy(1);
    expect(fired).toEqual(["first", "second", "third"]);
    expect(test.pendingTimers).toBe(1);
  });
  // #endregion

  it("tells a timer's task the time at which it was due", async () => {
    const test = createTestRuntime({ startMs: 0 });
    const times: number[] = [];
    for (const delayMs of [300, 10, 70]) test.runtime.scheduler.after(delayMs, () => times.push(test.clock.now()));
    await test.clock.advanceBy(1_000);
    expect(times).toEqual([10, 70, 300]);
    expect(test.clock.now()).toBe(1_000);
  });

  it("lets what follows from one timer come to rest before the next, also when that arms timers of its own", async () => {
    const test = createTestRuntime({ startMs: 0 });
    const log: string[] = [];
    const heartbeat = async (): Promise<void> => {
      for (let beat = 1; beat <= 3; beat++) {
        await sleep(10, { runtime: test.runtime });
        await test.runtime.scheduler.turn();
        log.push(`beat ${beat} at ${test.clock.now()}`);
      }
    };
    const beating = heartbeat();
    test.runtime.scheduler.after(15, () => log.push(`other at ${test.clock.now()}`));
    await test.clock.advanceBy(25);
    expect(log).toEqual(["beat 1 at 10", "other at 15", "beat 2 at 20"]);
    await test.clock.advanceBy(5);
    await beating;
    expect(log.at(-1)).toBe("beat 3 at 30");
  });

  it("E7: runs a timer without a delay at once, and one with a negative delay, too", async () => {
    const test = createTestRuntime();
    const fired: number[] = [];
    test.runtime.scheduler.after(0, () => fired.push(0));
    test.runtime.scheduler.after(-5, () => fired.push(-5));
    await test.settle();
    expect(fired).toEqual([0, -5]);
    expect(test.clock.monotonicMs()).toBe(0);
  });

  it("does not run a timer that was cancelled; cancelling again, or too late, does nothing", async () => {
    const test = createTestRuntime();
    const fired: string[] = [];
    const cancel = test.runtime.scheduler.after(5, () => fired.push("cancelled"));
    const cancelLate = test.runtime.scheduler.after(5, () => fired.push("kept"));
    cancel();
    cancel();
    await test.clock.advanceBy(5);
    cancelLate();
    expect([fired, test.pendingTimers]).toEqual([["kept"], 0]);
  });

  it("moves by itself, within run, only when nothing else can go on", async () => {
    const test = createTestRuntime({ startMs: 0 });
    const seen = await test.run(async () => {
      await Promise.all([takeTurns(test), yieldToLoop()]);
      const before = test.clock.now();
      await sleep(86_400_000);
      return [before, test.clock.now()];
    });
    expect(seen).toEqual([0, 86_400_000]);
  });

  it("can be moved by hand within run", async () => {
    const test = createTestRuntime({ startMs: 0 });
    await test.run(async () => {
      let isAwake = false;
      const waking = sleep(100).then(() => (isAwake = true));
      await test.clock.advanceBy(99);
      expect([isAwake, test.clock.now()]).toEqual([false, 99]);
      await test.clock.advanceBy(1);
      expect(isAwake).toBe(true);
      await waking;
    });
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("is not moved by %d ms", async (durationMs) => {
    await expect(createTestRuntime().clock.advanceBy(durationMs)).rejects.toBeInstanceOf(InvalidArgument);
  });
});

describe("run", () => {
  it("gives what the function returns, or throws what it throws", async () => {
    expect(await createTestRuntime().run(() => 7)).toBe(7);
    expect(await createTestRuntime().run(async () => "later")).toBe("later");
    const failure = new Error("no");
    await expect(createTestRuntime().run(() => Promise.reject(failure))).rejects.toBe(failure);
    const fail = (): never => {
      throw failure;
    };
    await expect(createTestRuntime().run(fail)).rejects.toBe(failure);
  });

  it("puts its runtime in force for the function and all that it awaits, timers included, and for nobody else", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      expect(currentRuntime().clock).toBe(test.runtime.clock);
      await sleep(5);
      await yieldToLoop();
      expect(currentRuntime().clock).toBe(test.runtime.clock);
      const inTimer = new Promise((resolve) => currentRuntime().scheduler.after(5, () => resolve(currentRuntime().clock)));
      expect(await inTimer).toBe(test.runtime.clock);
    });
    expect(currentRuntime()).toBe(systemRuntime);
  });

  it("says so when nothing can ever go on, with the seed", async () => {
    const run = createTestRuntime({ seed: 42 }).run(() => new Promise(() => undefined));
    await expect(run).rejects.toBeInstanceOf(AssertionError);
    await expect(run).rejects.toThrow("Deadlock (seed 42): the work has not settled, no step waits for a turn and no timer is armed.");
  });

  it("says so when two parties wait for each other, though others went on for a while", async () => {
    const test = createTestRuntime();
    const run = test.run(async () => {
      await using store = createInMemoryStore();
      const subscription = store.subscribe({ all: true });
      await subscription.next();
      await takeTurns(test);
      await subscription.next();
    });
    await expect(run).rejects.toThrow("Deadlock");
  });

  it("rejects with what a task or a timer throws", async () => {
    const failure = new Error("in a timer");
    const fail = (): never => {
      throw failure;
    };
    const wait = (): Promise<void> => sleep(100);
    await expect(createTestRuntime().run(() => (currentRuntime().scheduler.after(5, fail), wait()))).rejects.toBe(failure);
    await expect(createTestRuntime().run(() => (currentRuntime().scheduler.soon(fail), wait()))).rejects.toBe(failure);
    const test = createTestRuntime();
    test.runtime.scheduler.after(5, fail);
    await expect(test.clock.advanceBy(10)).rejects.toBe(failure);
  });
});

describe("a test runtime", () => {
  it.each([{ seed: 0.5 }, { seed: Number.NaN }, { startMs: -1 }, { startMs: 1.5 }])("is not made with %o", (options) => {
    expect(() => createTestRuntime(options)).toThrow(InvalidArgument);
  });

  it("has a seed unless it is given one, and tells it", () => {
    expect(createTestRuntime().seed).toBe(1);
    expect(createTestRuntime({ seed: -9 }).seed).toBe(-9);
  });

  it("gives the ids of the same seed in every run, and others for another seed", () => {
    const idsOf = (seed: number): readonly string[] => {
      const { ids } = createTestRuntime({ seed }).runtime;
      return [ids.next(), ids.next(), ids.next()];
    };
    expect(idsOf(1)).toEqual(idsOf(1));
    expect(new Set([...idsOf(1), ...idsOf(2)]).size).toBe(6);
  });
});
