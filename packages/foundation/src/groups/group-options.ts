import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { GroupDefinition } from "@reactive-domain/persistence";
import { filterOf, type EventFeed } from "../listeners/event-feed.ts";

/** What a consumer group takes and how. It is kept in the store, and the same for all consumers of the group: with other options it is another group. */
export interface GroupOptions extends Omit<GroupDefinition, "source" | "filter"> {
  /** Which events: a feed of the same context. Default: all events of the context. */
  readonly of?: EventFeed;
  /**
   * Only events of these classes, and of those that derive from them: the others never leave the store. Default: all events of the feed, of which those that no handler wants
   * are skipped; then handlers may be added later, and see the events that come then.
   */
  readonly types?: readonly MessageClass<EventBase>[];
}

/** A definition in which nothing is left open that a consumer goes by. */
export type CompleteRules = GroupDefinition & Required<Pick<GroupDefinition, "orderBy" | "behindParked" | "maxAttempts">>;

const KEYS = [
  "of",
  "types",
  "from",
  "orderBy",
  "behindParked",
  "maxAttempts",
  "afterLoss",
  "retryDelayMs",
  "maxRetryDelayMs",
  "maxUnsettled",
];

/** The definition of a group; of all events, unless its options name a feed. Errors: `invalid-argument`. */
export function groupDefinition(
  all: EventFeed,
  events: readonly MessageClass<EventBase>[],
  { of: feed = all, types, ...rules }: GroupOptions,
): CompleteRules {
  const filter = types === undefined ? filterOf(feed).filter : { ...feed.filter, types: typeNames(types, events) };
  return {
    orderBy: "stream",
    behindParked: "wait",
    maxAttempts: 5,
    ...rules,
    source: feed.source,
    ...(filter === undefined ? undefined : { filter }),
  };
}

/** Errors: `invalid-argument`. */
export function checkGroupOptions(options: GroupOptions): void {
  checkKeys("options of a group", options, KEYS);
}

/** In an order that does not hang on how they are listed: the same types are the same group. */
function typeNames(types: readonly MessageClass<EventBase>[], events: readonly MessageClass<EventBase>[]): readonly string[] {
  if (!Array.isArray(types) || types.length === 0) throw new InvalidArgument("types", "a list of event classes", types);
  for (const one of types as readonly unknown[])
    if (typeof one !== "function" || !events.some((event) => isOf(event, one)))
      throw new InvalidArgument("types", "classes of events of this context", one);
  return events
    .filter((event) => types.some((one) => isOf(event, one)))
    .map(({ type }) => type)
    .toSorted();
}

function isOf(eventClass: MessageClass<EventBase>, base: unknown): boolean {
  return eventClass === base || eventClass.prototype instanceof (base as MessageClass<EventBase>);
}
