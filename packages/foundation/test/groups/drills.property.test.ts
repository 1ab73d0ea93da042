import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Drill, type DrillStep } from "./drill.ts";

const ids = fc.constantFrom("a", "b", "c", "d");
const times = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<DrillStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("append" as const), id: ids, events: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("join" as const),
      upTo: fc.constantFrom(0, 0, 5),
      maxInFlight: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("close" as const, "kill" as const, "deafen" as const, "hear" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("write-faults" as const),
      times,
      outcome: fc.constantFrom("before" as const, "after" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("claim-faults" as const), times }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 1_500 }) }) },
);

interface Outcome {
  /** By position. */
  readonly unaccounted: readonly number[];
  readonly twice: readonly number[];
  readonly disordered: readonly string[];
}

/** Whether every event is in the ledger once, or parked, or behind a parked one of its stream, and those of a stream in order. */
async function outcomeOf(drill: Drill): Promise<Outcome> {
  const [events, ledger] = [await drill.events(), await drill.ledger()];
  const parked = (await drill.store.groups.parked("ledger", { limit: 1_000 })).map(({ event }) => ({
    stream: event.stream,
    position: event.position as number,
  }));
  const written = ledger.map(({ position }) => position);
  const isAccounted = ({ stream, position }: { stream: string; position: number }): boolean =>
    written.includes(position) || parked.some((one) => one.stream === stream && one.position <= position);
  const streams = [...new Set(events.map(({ stream }) => stream))];
  const placesOf = (stream: string): readonly number[] => ledger.filter((entry) => entry.stream === stream).map(({ position }) => position);
  return {
    unaccounted: events.filter((event) => !isAccounted(event)).map(({ position }) => position),
    twice: written.filter((position, index) => written.indexOf(position) !== index),
    disordered: streams.filter((stream) => placesOf(stream).some((position, index, all) => position < (all[index - 1] ?? -1))),
  };
}

describe("consumers of a group to whom everything happens", () => {
  it("handle each event once with what it leads to, or park it, in the order of its stream", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(step, { minLength: 5, maxLength: 40 }), async (seed, steps) => {
        const test = createTestRuntime({ seed });
        const outcome = await test.run(async () => {
          const drill = new Drill(() => test.runtime.chance.next());
          for (const one of steps) await drill.take(one);
          await drill.finish();
          return outcomeOf(drill);
        });
        expect(outcome).toEqual({ unaccounted: [], twice: [], disordered: [] });
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
