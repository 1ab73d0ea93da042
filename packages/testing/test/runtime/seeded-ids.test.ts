import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("the ids of a test runtime", () => {
  it("are UUIDs of version 7 in lower case that begin with the virtual time", async () => {
    const { clock, runtime } = createTestRuntime({ startMs: 0x0123456789ab });
    const [first, second] = [runtime.ids.next(), runtime.ids.next()];
    await clock.advanceBy(1);
    const third = runtime.ids.next();
    for (const id of [first, second, third]) expect(id).toMatch(UUID_7);
    expect([first, second, third].map((id) => id.slice(0, 18))).toEqual(["01234567-89ab-7000", "01234567-89ab-7001", "01234567-89ac-7000"]);
  });

  it("grow strictly, also beyond the 4,096 of one millisecond, and when time catches up with them", async () => {
    const { clock, runtime } = createTestRuntime({ startMs: 1_000, seed: 99 });
    const ids: string[] = [];
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 5_000; index++) ids.push(runtime.ids.next());
      await clock.advanceBy(1);
    }
    expect(ids.every((id) => UUID_7.test(id))).toBe(true);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
