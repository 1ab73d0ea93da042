import { isLink } from "../links/link-target.ts";
import { describedStream } from "../metadata/described-stream.ts";
import { linkView } from "./link-view.ts";
import { metadataView } from "./metadata-view.ts";
import { streamsOfCategory, streamsView } from "./stream-views.ts";
import { shownEvent } from "./tombstone-event.ts";
import type { View } from "./view.ts";

const STREAMS = "$streams";

/** What projections make of the events of other streams, by how its name begins. */
const MADE: Readonly<Record<string, (name: string, rest: string) => View>> = {
  "$ce-": (name, category) => linkView({ name, source: { category }, projection: "$by_category" }),
  "$et-": (name, eventType) => linkView({ name, source: { eventType }, projection: "$by_event_type" }),
  "$bc-": (name, correlationId) =>
    linkView({
      name,
      source: { all: true },
      filter: { correlationId },
      projection: "$by_correlation_id",
      isSparse: true,
      has: (event) => !isLink(event),
    }),
  "$category-": streamsOfCategory,
};

/** The whole log. */
export const logView: View = {
  name: undefined,
  source: { all: true },
  revision: "position",
  tombstoneOf: undefined,
  show: (event) => ({ event: shownEvent(event) }),
};

/** What clients find under the name of a stream. */
export function viewOf(name: string): View {
  if (name.startsWith("$")) {
    const made = madeView(name);
    if (made !== undefined) return made;
  }
  const described = describedStream(name);
  return described === undefined || described === "" ? streamView(name) : metadataView(described);
}

/** Whether a name is one of those that projections give. */
export function isMade(name: string): boolean {
  return name === STREAMS || Object.keys(MADE).some((prefix) => name.startsWith(prefix));
}

function madeView(name: string): View | undefined {
  if (name === STREAMS) return streamsView(name);
  const prefix = Object.keys(MADE).find((one) => name.startsWith(one) && name.length > one.length);
  return prefix === undefined ? undefined : MADE[prefix]?.(name, name.slice(prefix.length));
}

function streamView(name: string): View {
  return { name, source: { stream: name }, revision: "version", tombstoneOf: name, show: (event) => ({ event: shownEvent(event) }) };
}
