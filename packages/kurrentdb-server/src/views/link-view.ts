import { derivedId, type Version } from "@reactive-domain/core";
import type { RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import { LINK_TYPE } from "../links/link-target.ts";
import { FINAL_VERSION } from "../wire/encode-read-event.ts";
import { shownEvent } from "./tombstone-event.ts";
import type { SeenEvent, View } from "./view.ts";

const FINAL_REVISION = "9223372036854775807";

/** What makes a view one of links: where its events come from, and which of them belong to it. */
export interface LinkViewParts extends Pick<View, "source" | "filter" | "projection" | "isSparse"> {
  readonly name: string;
  /** Default: all. */
  readonly has?: (event: RecordedEvent) => boolean;
}

/**
 * Links to events, made when they are read. The revision of a link is the position of its event in the log: it grows, has holes as a scavenged stream has,
 * and is a place to go on from.
 */
export function linkView({ has, ...parts }: LinkViewParts): View {
  const linked = (target: RecordedEvent): SeenEvent => ({ event: linkTo(target, parts.name), target });
  const show = has === undefined ? linked : (target: RecordedEvent) => (has(target) ? linked(target) : undefined);
  return { ...parts, revision: "position", tombstoneOf: undefined, show };
}

function linkTo(target: RecordedEvent, name: string): RecordedEventFields {
  const shown = shownEvent(target);
  const revision = shown.version === FINAL_VERSION ? FINAL_REVISION : shown.version;
  return entryOf(target, { name, type: LINK_TYPE, data: `${revision}@${shown.stream}` });
}

/** An entry of a view that an event has made. */
export function entryOf(
  { id, stream, version, position, time }: RecordedEvent,
  { name, type, data }: { readonly name: string; readonly type: string; readonly data: string },
): RecordedEventFields {
  return {
    id: derivedId(id, `${name} ${stream}`, version),
    type,
    schemaVersion: 1,
    contentType: "text/plain",
    data: Buffer.from(data),
    metadata: "{}",
    stream: name,
    version: position as number as Version,
    position,
    time,
  };
}
