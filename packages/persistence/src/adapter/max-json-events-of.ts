import { InvalidArgument } from "@reactive-domain/core";
import type { CheckOptions } from "../store-maintenance.ts";

const DEFAULT_MAX_JSON_EVENTS = 100_000;

/** How many of the last events a check looks into for JSON that is none. Errors: `invalid-argument` unless it is a number of events. */
export function maxJsonEventsOf({ maxJsonEvents = DEFAULT_MAX_JSON_EVENTS }: CheckOptions): number {
  if (!Number.isSafeInteger(maxJsonEvents) || maxJsonEvents < 0)
    throw new InvalidArgument("maxJsonEvents", "an integer from 0 to 2^53 - 1", maxJsonEvents);
  return maxJsonEvents;
}
