import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";

const draw = (seed: number): readonly number[] => {
  const { runtime } = createTestRuntime({ seed });
  return Array.from({ length: 2_000 }, () => runtime.chance.next());
};

describe("the chance of a test runtime", () => {
  it("lies from 0 to below 1, spread evenly", () => {
    const drawn = draw(7);
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    const tenths = Array.from({ length: 10 }, (_, tenth) => drawn.filter((number) => Math.floor(number * 10) === tenth).length);
    for (const count of tenths) expect(Math.abs(count - 200)).toBeLessThan(60);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("does not change which ids come", () => {
    const [one, other] = [createTestRuntime({ seed: 3 }).runtime, createTestRuntime({ seed: 3 }).runtime];
    one.chance.next();
    expect(one.ids.next()).toBe(other.ids.next());
  });
});
