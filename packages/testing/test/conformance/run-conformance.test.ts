import assert from "node:assert/strict";
import { withRuntime } from "@reactive-domain/core";
import type { Gaps } from "@reactive-domain/persistence";
import { createEventStore } from "@reactive-domain/persistence/adapter";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import {
  eventStoreGuarantees,
  runConformance,
  type ConformanceCase,
  type ConformanceResult,
  type Guarantee,
  type RunConformanceOptions,
  type StoreFactory,
} from "@reactive-domain/testing/conformance";
import { describe, expect, it } from "vitest";
import { StoreDriver } from "./store-driver.ts";

const broken = new Error("broken");

const passes: ConformanceCase = { name: "opens", behaviours: [], run: async (open) => (await open()).close() };
const fails: ConformanceCase = { name: "breaks", behaviours: ["A1"], run: () => Promise.reject(broken) };
const needsMuch: ConformanceCase = {
  name: "takes SNAPSHOTS and leases",
  behaviours: [],
  requires: ["snapshots", "leases", "scavenge"],
  run: () => assert.fail("It is not to be run."),
};
const sample: readonly Guarantee[] = [
  { id: "basics", promise: "It opens and breaks.", cases: [passes, fails] },
  { id: "more", promise: "There is more.", cases: [needsMuch, passes] },
];

const inMemory: StoreFactory = async () => createInMemoryStore();

/** A store that lacks something, and says so. */
function lacking(gaps: Gaps): StoreFactory {
  class Lacking extends StoreDriver {
    readonly gaps = gaps;
  }
  return async () => createEventStore(new Lacking());
}

async function resultsOf(guarantees: readonly Guarantee[], open: StoreFactory, options?: RunConformanceOptions) {
  const results: ConformanceResult[] = [];
  for await (const result of runConformance(guarantees, open, options)) results.push(result);
  return results;
}

const inShort = (results: readonly ConformanceResult[]): readonly string[] =>
  results.map(({ guarantee, case: { name }, outcome }) => `${guarantee.id}: ${outcome.kind}: ${name}`);

describe("a run of conformance cases", () => {
  it("tells of each case, in order, whether it passed or with what it failed", async () => {
    const results = await resultsOf(sample.slice(0, 1), inMemory);
    expect(results).toMatchObject([
      { guarantee: sample[0], case: passes, outcome: { kind: "passed" } },
      { guarantee: sample[0], case: fails, outcome: { kind: "failed", error: broken } },
    ]);
  });

  it("takes a case that needs what the store lacks for a gap, with the store's reasons, and does not run it", async () => {
    const [first, ...others] = await resultsOf(
      sample.slice(1),
      lacking({ leases: "no clock", scavenge: "no means", tombstones: "unrelated" }),
    );
    expect(first).toMatchObject({ outcome: { kind: "gap", gaps: { leases: "no clock", scavenge: "no means" } }, durationMs: 0 });
    expect(first?.outcome).not.toHaveProperty("gaps.tombstones");
    expect(others[0]).toMatchObject({ case: passes, outcome: { kind: "passed" } });
  });

  it("shows for each gap that it is refused with the reason", async () => {
    const results = await resultsOf([], lacking({ leases: "no clock", scavenge: "no means" }));
    expect(inShort(results)).toEqual([
      "gaps: passed: gap: scavenge is refused, with the reason: no means",
      "gaps: passed: gap: leases is refused, with the reason: no clock",
    ]);
  });

  it("finds out a gap that is told and not kept to", async () => {
    let opened = 0;
    const open: StoreFactory = () => lacking(opened++ === 0 ? { snapshots: "no room" } : {})();
    const [result] = await resultsOf([], open);
    expect(result).toMatchObject({ guarantee: { id: "gaps" }, outcome: { kind: "failed" } });
  });

  it.each([
    ["basics", ["basics: passed: opens", "basics: failed: breaks"]],
    ["There is MORE", ["more: gap: takes SNAPSHOTS and leases", "more: passed: opens"]],
    ["snapshots", ["more: gap: takes SNAPSHOTS and leases", "gaps: passed: gap: snapshots is refused, with the reason: no room"]],
    ["gaps", ["gaps: passed: gap: snapshots is refused, with the reason: no room"]],
    ["nothing of it", []],
  ])("runs only what is asked for: %s", async (only, expected) => {
    expect(inShort(await resultsOf(sample, lacking({ snapshots: "no room" }), { only }))).toEqual(expected);
  });

  it("measures how long each case took", async () => {
    let nowMs = 0;
    const slow: ConformanceCase = { name: "slow", behaviours: [], run: async () => void (nowMs += 250) };
    const clock = { now: () => nowMs, monotonicMs: () => nowMs };
    const [result] = await withRuntime({ clock }, () => resultsOf([{ id: "slow", promise: "Slow.", cases: [slow] }], inMemory));
    expect(result?.durationMs).toBe(250);
  });

  it("rejects with the store's error when no store can be opened", async () => {
    await expect(resultsOf(sample, () => Promise.reject(broken))).rejects.toBe(broken);
  });

  it("passes the in-memory store in everything", { timeout: 60_000 }, async () => {
    const failures: string[] = [];
    let passed = 0;
    // #region run
    const openStore: StoreFactory = async () => createInMemoryStore();
    for await (const { guarantee, case: one, outcome } of runConformance(eventStoreGuarantees, openStore)) {
      if (outcome.kind === "passed") passed++;
      if (outcome.kind === "failed") failures.push(`${guarantee.id}: ${one.name}: ${String(outcome.error)}`);
      if (outcome.kind === "gap") failures.push(`${guarantee.id}: ${one.name}: lacks ${JSON.stringify(outcome.gaps)}`); // not run
    }
    // #endregion
    expect(failures).toEqual([]);
    expect(passed).toBe(eventStoreGuarantees.flatMap(({ cases }) => cases).length);
  });
});
