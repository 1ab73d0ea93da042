import { currentRuntime, systemRuntime, withRuntime, type Clock } from "@reactive-domain/core";
import { describe, expect, it } from "vitest";

function fixedClock(ms: number): Clock {
  return { now: () => ms, monotonicMs: () => ms };
}

async function timeSeenBy(clockMs: number): Promise<number> {
  return withRuntime({ clock: fixedClock(clockMs) }, async () => {
    await Promise.resolve();
    return currentRuntime().clock.now();
  });
}

describe("the runtime", () => {
  it("is the system's where nothing is replaced", () => {
    expect(currentRuntime()).toBe(systemRuntime);
    expect(Math.abs(systemRuntime.clock.now() - Number(new Date()))).toBeLessThan(1000);
  });

  it("is replaced for a function and all that it awaits, and no longer", async () => {
    const seen = await withRuntime({ clock: fixedClock(5) }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return currentRuntime().clock.now();
    });
    expect(seen).toBe(5);
    expect(currentRuntime()).toBe(systemRuntime);
  });

  it("keeps the parts that are not named, through every nesting", () => {
    const ids = { next: () => "an id" };
    withRuntime({ ids }, () =>
      withRuntime({ clock: fixedClock(7) }, () => {
        expect(currentRuntime().ids).toBe(ids);
        expect(currentRuntime().clock.now()).toBe(7);
        expect(currentRuntime().scheduler).toBe(systemRuntime.scheduler);
      }),
    );
  });

  it("has chance of its own, from 0 to below 1, which is replaced like the rest", () => {
    const drawn = Array.from({ length: 1_000 }, () => systemRuntime.chance.next());
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(900);
    const chance = { next: () => 0.25 };
    withRuntime({ chance }, () => withRuntime({ clock: fixedClock(7) }, () => expect(currentRuntime().chance).toBe(chance)));
    withRuntime({ clock: fixedClock(7) }, () => expect(currentRuntime().chance).toBe(systemRuntime.chance));
  });

  it("that has another clock dates its ids by it", () => {
    const id = withRuntime({ clock: fixedClock(0x10) }, () => currentRuntime().ids.next());
    expect(id.startsWith("00000000-0010-7")).toBe(true);
  });

  it("of work side by side is each its own", async () => {
    expect(await Promise.all([timeSeenBy(1), timeSeenBy(2), timeSeenBy(3)])).toEqual([1, 2, 3]);
  });
});
