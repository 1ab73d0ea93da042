import { derivedId, type Version } from "@reactive-domain/core";
import type { CategorySource, EventTypeSource, RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import { LINK_TYPE } from "../links/link-target.ts";
import { FINAL_VERSION } from "../wire/encode-read-event.ts";
import { shownEvent } from "./tombstone-event.ts";
import type { View } from "./view.ts";

const FINAL_REVISION = "9223372036854775807";

/**
 * Links to all events of a category or a type, made when they are read. The revision of a link is the position of its event in the log: it grows, has holes as a scavenged stream has,
 * and is a place to go on from.
 */
export function linkView(name: string, source: CategorySource | EventTypeSource): View {
  return { name, source, revision: "position", tombstoneOf: undefined, show: (target) => ({ event: linkTo(target, name), target }) };
}

function linkTo(target: RecordedEvent, name: string): RecordedEventFields {
  const { id, stream, version, position, time } = target;
  const shown = shownEvent(target);
  return {
    id: derivedId(id, `${name} ${stream}`, version),
    type: LINK_TYPE,
    schemaVersion: 1,
    contentType: "text/plain",
    data: Buffer.from(`${shown.version === FINAL_VERSION ? FINAL_REVISION : shown.version}@${shown.stream}`),
    metadata: "{}",
    stream: name,
    version: position as number as Version,
    position,
    time,
  };
}
