import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueHeap, type Due } from "../../src/timers/due-heap.ts";

/** Adds what is due at a time, or takes out the one at a place among those that are in, whatever their order. */
const steps = fc.array(fc.oneof({ weight: 2, arbitrary: fc.record({ add: fc.nat(20) }) }, fc.record({ remove: fc.nat(1_000) })), {
  minLength: 5,
  maxLength: 80,
});

function sorted(all: readonly Due[]): readonly Due[] {
  return all.toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order);
}

describe("a heap of what is due", () => {
  it("gives what is due first, whatever was put in and taken out, and all of it in order in the end", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new DueHeap<Due>();
        const takenOut: Due[] = [];
        let inside: readonly Due[] = [];
        for (const [order, step] of all.entries()) {
          if ("add" in step) {
            const one = { dueMs: step.add, order, index: -1 };
            heap.add(one);
            inside = [...inside, one];
          } else if (inside.length > 0) {
            const out = inside[step.remove % inside.length] as Due;
            heap.remove(out);
            takenOut.push(out);
            inside = inside.filter((one) => one !== out);
          }
          expect(heap.first).toBe(sorted(inside)[0]);
        }
        expect(takenOut.every(({ index }) => index === -1)).toBe(true);
        for (const one of sorted(inside)) {
          expect(heap.first).toBe(one);
          heap.remove(one);
        }
        expect(heap.first).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it("moves what takes another's place up, too, where it comes before those above", () => {
    const times = fc.array(fc.nat(1_000), { minLength: 30, maxLength: 60, size: "max" });
    const places = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 20, size: "max" });
    fc.assert(
      fc.property(times, places, (added, removed) => {
        const heap = new DueHeap<Due>();
        let inside: readonly Due[] = added.map((dueMs, order) => ({ dueMs, order, index: -1 }));
        for (const one of inside) heap.add(one);
        for (const place of removed) {
          const out = inside[place % inside.length] as Due;
          heap.remove(out);
          inside = inside.filter((one) => one !== out);
        }
        const given: number[] = [];
        for (let one = heap.first; one !== undefined; one = heap.first) {
          given.push(one.order);
          heap.remove(one);
        }
        expect(given).toEqual(sorted(inside).map(({ order }) => order));
      }),
      { numRuns: 200 },
    );
  });
});
