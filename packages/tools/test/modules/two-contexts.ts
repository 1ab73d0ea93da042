import { boundedContext, Event } from "@reactive-domain/foundation";

class Rung extends Event("Rung")<object> {}

export { projections } from "./ledger.ts";
export const doors = boundedContext("doors", { aggregates: [], events: [Rung] });
export const bells = boundedContext("bells", { aggregates: [], events: [Rung] });
