import type { RecordedEvent } from "@reactive-domain/persistence";
import { entryOf, linkView } from "./link-view.ts";
import { shownEvent } from "./tombstone-event.ts";
import type { View } from "./view.ts";

/** The type of events whose data is the name of a stream. */
const REFERENCE_TYPE = "$@";

/** Links to the first event of every stream. */
export function streamsView(name: string): View {
  return linkView({ name, source: { all: true }, projection: "$streams", isSparse: true, has: begins });
}

/** The names of the streams of a category, each where the stream begins. */
export function streamsOfCategory(name: string, category: string): View {
  return {
    name,
    source: { category },
    revision: "position",
    tombstoneOf: undefined,
    projection: "$stream_by_category",
    isSparse: true,
    show: (event) => (begins(event) ? { event: entryOf(event, { name, type: REFERENCE_TYPE, data: event.stream }) } : undefined),
  };
}

function begins(event: RecordedEvent): boolean {
  return event.version === 0 && shownEvent(event).version === 0;
}
