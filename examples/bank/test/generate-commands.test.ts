import { describe, expect, it } from "vitest";
import { generateCommands } from "../src/generate/generate-commands.ts";
import { Random } from "../src/generate/random.ts";

describe("made-up commands", () => {
  it("are the same for the same seed, and others for another", () => {
    expect([...generateCommands(500, 7)]).toEqual([...generateCommands(500, 7)]);
    expect([...generateCommands(500, 7)]).not.toEqual([...generateCommands(500, 8)]);
  });

  it("of a shorter file are the beginning of those of a longer one", () => {
    expect([...generateCommands(1000, 1)].slice(0, 300)).toEqual([...generateCommands(300, 1)]);
  });

  it("have ids of their own, also between seeds", () => {
    const ids = [1, 2].flatMap((seed) => [...generateCommands(5000, seed)].map(({ id }) => id));
    expect(new Set(ids).size).toBe(10_000);
  });

  it("are drawn evenly", () => {
    const random = new Random(42);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw++) {
      const value = random.below(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
