import { createInMemoryStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Drill } from "./drill/drill.ts";
import { drills } from "./drill/steps.ts";

const VIRTUAL = { quicker: 1, resume: { minDelayMs: 50, maxDelayMs: 1_000 } };
const REAL = { quicker: 100, resume: { minDelayMs: 1, maxDelayMs: 5 } };

describe("read models, whatever happens to them and to their store", () => {
  it("I13, J2, K2: are the fold of what they were to see, or of what lies before their failure, and say so", async () => {
    const seen = { events: 0, dropped: 0, restored: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), drills, async (seed, steps) => {
        const report = await createTestRuntime({ seed }).run(() => new Drill(createInMemoryStore(), VIRTUAL).run(steps));
        expect(report.problems).toEqual([]);
        seen.events += report.events;
        seen.dropped += report.dropped;
        seen.restored += report.restored;
      }),
      { numRuns: 40 },
    );
    // What never happens is not tried.
    expect(seen.events).toBeGreaterThan(300);
    expect(seen.dropped).toBeGreaterThan(20);
    expect(seen.restored).toBeGreaterThan(2);
  }, 60_000);
});

describe.each(everyStore)("read models on $name, whatever happens to them", ({ name, open }) => {
  it("I13, J2, K2: are the fold of what they were to see, or of what lies before their failure", async () => {
    await fc.assert(
      fc.asyncProperty(drills, async (steps) => {
        const report = await new Drill(await open(), REAL).run(steps);
        expect(report.problems).toEqual([]);
      }),
      { numRuns: name === "PostgreSQL" ? 3 : 6, endOnFailure: true },
    );
  }, 60_000);
});
