import { boundedContext, Event } from "@reactive-domain/foundation";

export class Counted extends Event("Counted")<{ number: number }> {}
export class Told extends Event("Told")<{ number: number }> {}

/** The smallest context that has something to hand to consumers. */
export const counting = boundedContext("counting", { aggregates: [], events: [Counted, Told] });
