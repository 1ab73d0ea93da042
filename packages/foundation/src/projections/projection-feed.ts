import { InvalidArgument } from "@reactive-domain/core";
import { definitionOf, type EventBase, type MessageClass } from "@reactive-domain/messaging";
import type { ConnectedContext } from "../contexts/connected-context.ts";
import { checkFeed } from "../listeners/start-options.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { Projection } from "./projection.ts";

/** The events of a projection: those of its source that have handlers, as the store picks them out. Errors: `invalid-argument`. */
export function feedOf(
  { name, source, eventClasses }: Pick<Projection, "name" | "source" | "eventClasses">,
  context: ConnectedContext,
): EventFeed {
  const feed = source === undefined ? context.all() : source(context);
  checkFeed(feed);
  const { events } = context.context;
  for (const handled of eventClasses)
    if (!events.some((event) => event === handled || event.prototype instanceof handled))
      throw new InvalidArgument(
        `The events of projection ${name}`,
        `listed by the context ${context.context.name}, or classes that those derive from`,
        handled.type,
        "List it there.",
      );
  const wanted = events.filter((event) => mayBecome(event, eventClasses));
  if (wanted.length === events.length || feed.filter?.types !== undefined) return feed;
  return { ...feed, filter: { ...feed.filter, types: wanted.map(({ type }) => type) } };
}

/** Whether what is stored under a class may be handed to handlers: upcasters may make events of other classes of it. */
function mayBecome(event: MessageClass<EventBase>, handled: readonly MessageClass<EventBase>[]): boolean {
  if (handled.some((one) => event === one || event.prototype instanceof one)) return true;
  return Object.keys(definitionOf(event).upcasters).length > 0;
}
