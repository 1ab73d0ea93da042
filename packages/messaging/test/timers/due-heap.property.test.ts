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

  it("moves up what takes the place of another further down", () => {
    // The last lies below another branch, and comes before the parent of the one whose place it takes.
    const all = [0, 10, 1, 11, 12, 2, 3].map((dueMs, order) => ({ dueMs, order, index: -1 }));
    const heap = new DueHeap<Due>();
    for (const one of all) heap.add(one);
    heap.remove(all[3] as Due);
    const rest: number[] = [];
    for (let one = heap.first; one !== undefined; one = heap.first) {
      rest.push(one.dueMs);
      heap.remove(one);
    }
    expect(rest).toEqual([0, 1, 2, 3, 10, 12]);
  });
});
