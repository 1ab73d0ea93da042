import { createInMemoryReadModels, createInMemoryStore } from "@reactive-domain/foundation";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProjectionDrill } from "./drill/drill.ts";
import { drills } from "./drill/steps.ts";

const VIRTUAL = { quicker: 1, leaseMs: 5_000, hasTables: false };
const TABLES: ReadonlySet<string> = new Set(["SQLite", "PostgreSQL"]);
const REAL = { quicker: 100, leaseMs: 1_000 };

describe("projections, whatever happens to their workers and stores", () => {
  it("equal the fold of the log in the end", async () => {
    const seen = { events: 0, failures: 0, rebuilds: 0, takeOvers: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), drills, async (seed, steps) => {
        const report = await createTestRuntime({ seed }).run(() =>
          new ProjectionDrill(createInMemoryStore(), createInMemoryReadModels(), VIRTUAL).run(steps),
        );
        expect(report.problems).toEqual([]);
        seen.events += report.events;
        seen.failures += report.failures;
        seen.rebuilds += report.rebuilds;
        seen.takeOvers += report.takeOvers;
      }),
      { numRuns: 150 },
    );
    // What never happens is not tried.
    expect(seen.events).toBeGreaterThan(500);
    expect(seen.failures).toBeGreaterThan(20);
    expect(seen.rebuilds).toBeGreaterThan(10);
    expect(seen.takeOvers).toBeGreaterThan(20);
  }, 120_000);
});

describe.each(everyReadModels)("projections kept in $name, whatever happens", ({ name, open }) => {
  it("equal the fold of the log in the end", async () => {
    await fc.assert(
      fc.asyncProperty(drills, async (steps) => {
        const report = await new ProjectionDrill(createInMemoryStore(), await open(), { ...REAL, hasTables: TABLES.has(name) }).run(steps);
        expect(report.problems).toEqual([]);
      }),
      { numRuns: name === "PostgreSQL" ? 4 : 6, endOnFailure: true },
    );
  }, 120_000);
});
