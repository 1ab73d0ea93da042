import fc from "fast-check";
import { expect, it } from "vitest";
import type { Delivery } from "../../src/in-process/delivery.ts";
import { DeliveryQueue } from "../../src/in-process/delivery-queue.ts";
import { newMessage } from "../new-message.ts";

const message = newMessage("m");

it("the queue always gives the earliest delivery of those that were put or given back and not taken", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant("append" as const) },
    { weight: 4, arbitrary: fc.constant("take" as const) },
    { weight: 1, arbitrary: fc.nat() },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1000, size: "max" }), (steps) => {
      const queue = new DeliveryQueue();
      const inside: Delivery[] = [];
      const taken: Delivery[] = [];
      const given: (Delivery | undefined)[] = [];
      const expected: (Delivery | undefined)[] = [];
      let sequence = 0;
      for (const one of steps) {
        if (one === "append") {
          const delivery = { sequence: sequence++, message, attempts: 0, dueMs: 0 };
          queue.append(delivery);
          inside.push(delivery);
        } else if (one === "take") {
          const delivery = inside.toSorted((a, b) => a.sequence - b.sequence)[0];
          given.push(queue.take());
          expected.push(delivery);
          if (delivery !== undefined) taken.push(...inside.splice(inside.indexOf(delivery), 1));
        } else if (taken.length > 0) {
          const [delivery] = taken.splice(one % taken.length, 1) as [Delivery];
          queue.giveBack(delivery);
          inside.push(delivery);
        }
      }
      expect(given).toStrictEqual(expected);
    }),
    { numRuns: 50 },
  );
});
