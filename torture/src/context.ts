import {
  boundedContext,
  connect,
  createStreamNameBuilder,
  Event,
  type ConnectedContext,
  type EventStore,
} from "@reactive-domain/foundation";
import type { Work } from "./workload.ts";

export class EntryMade extends Event("EntryMade")<Work> {}
export class OrderPlaced extends Event("OrderPlaced")<Work> {}
export class Transferred extends Event("Transferred")<Work> {}
export class OrderMailed extends Event("OrderMailed")<Work> {}

export const ORDER = { type: "Order", initial: null };
export const TRANSFER = { type: "Transfer", initial: null };

const CONTEXT = boundedContext("torture", { aggregates: [ORDER, TRANSFER], events: [EntryMade, OrderPlaced, Transferred, OrderMailed] });

/** What the writers write, as a bounded context sees it. */
export function contextOn(store: EventStore): ConnectedContext {
  return connect(CONTEXT, store, { streamNames: createStreamNameBuilder() });
}
