import type { EventsArrived, Subscription, SubscriptionMessage } from "@reactive-domain/persistence";
import { edgeOf, type ReadWork } from "./read-work.ts";

/**
 * What comes of a view, as far as its projection has made it: behind the place where that has stopped, events wait until it goes on. Where it has stopped is asked behind each page: what was
 * said of it before an event of the page was written, is seen.
 */
export async function* madeUpTo(work: ReadWork, subscription: Subscription): AsyncGenerator<SubscriptionMessage, void, undefined> {
  for await (const message of subscription) {
    if (message.kind === "live" || work.plan.view.projection === undefined) yield message;
    else yield* partsOf(work, message);
  }
}

async function* partsOf(work: ReadWork, arrived: EventsArrived): AsyncGenerator<SubscriptionMessage, void, undefined> {
  const { context, plan, signal } = work;
  let rest = arrived;
  for (let edge = await edgeOf(work); edge !== undefined; edge = await edgeOf(work)) {
    const { position } = edge;
    const waiting = rest.events.filter((event) => event.position > position);
    if (waiting.length === 0) break;
    yield { kind: "events", events: rest.events.slice(0, rest.events.length - waiting.length), upTo: position };
    yield { kind: "live", upTo: position };
    rest = { ...rest, events: waiting };
    if (plan.view.projection !== undefined) await context.projections.moved(plan.view.projection, edge, signal);
  }
  yield rest;
}
