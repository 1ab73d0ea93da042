import { InvalidArgument } from "@reactive-domain/core";
import { definitionOf } from "@reactive-domain/messaging";
import type { BoundedContext } from "./bounded-context.ts";

/**
 * Holds that the upcasters of every event begin at version 1: a class refuses gaps behind its first upcaster, each leads one version up, and what a chain ends with is
 * not brought up again, so that there is no circle. An event without upcasters passes: whether older ones are stored, the store tells.
 *
 * Errors: `invalid-argument`.
 */
export function checkChains({ events }: BoundedContext): void {
  for (const eventClass of events) {
    const { type, upcasters } = definitionOf(eventClass);
    const from = Object.keys(upcasters).map(Number);
    if (from.length > 0 && upcasters[1] === undefined)
      throw new InvalidArgument(
        `The version from which the first upcaster of ${type} leads`,
        "1",
        Math.min(...from),
        "Add those before it.",
      );
  }
}
