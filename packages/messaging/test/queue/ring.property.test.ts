import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring } from "../../src/queue/ring.ts";

const isEven = (number: number): boolean => number % 2 === 0;
const steps = fc.array(fc.oneof({ weight: 8, arbitrary: fc.constant("push") }, fc.constantFrom("push", "unshift", "shift", "sift")), {
  maxLength: 200,
});

describe("a ring", () => {
  it("holds what an array would", () => {
    fc.assert(
      fc.property(steps, (script) => {
        const ring = new Ring<number>();
        let model: number[] = [];
        for (const [number, step] of script.entries()) {
          if (step === "push") {
            ring.push(number);
            model.push(number);
          } else if (step === "unshift") {
            ring.unshift(number);
            model.unshift(number);
          } else if (step === "sift") {
            ring.sift(isEven);
            model = model.filter((one) => isEven(one));
          } else if (model.length > 0) {
            ring.shift();
            model.shift();
          }
          expect(ring.first).toBe(model[0]);
          expect([...ring]).toEqual(model);
        }
      }),
    );
  });

  it("holds them also when it gets longer and shorter", () => {
    const ring = new Ring<number>();
    for (let number = 0; number < 10_000; number++) ring.push(number);
    for (let number = 0; number < 9_990; number++) ring.shift();
    expect([...ring]).toEqual(Array.from({ length: 10 }, (_, index) => 9_990 + index));
  });

  it("is not full after a sift of what is full", () => {
    const ring = new Ring<number>();
    do ring.push(2);
    while (!ring.isFull);
    ring.sift(isEven);
    expect(ring.isFull).toBe(false);
    expect(ring.first).toBe(2);
  });
});
