import { describedStream } from "../metadata/described-stream.ts";
import { linkView } from "./link-view.ts";
import { metadataView } from "./metadata-view.ts";
import { shownEvent } from "./tombstone-event.ts";
import type { View } from "./view.ts";

const CATEGORY_PREFIX = "$ce-";
const TYPE_PREFIX = "$et-";

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
  const category = rest(name, CATEGORY_PREFIX);
  if (category !== undefined) return linkView(name, { category });
  const eventType = rest(name, TYPE_PREFIX);
  if (eventType !== undefined) return linkView(name, { eventType });
  const described = describedStream(name);
  return described === undefined || described === "" ? streamView(name) : metadataView(described);
}

function streamView(name: string): View {
  return { name, source: { stream: name }, revision: "version", tombstoneOf: name, show: (event) => ({ event: shownEvent(event) }) };
}

/** What follows a prefix, if something does. */
function rest(name: string, prefix: string): string | undefined {
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined;
}
