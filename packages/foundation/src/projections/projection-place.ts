import type { Position } from "@reactive-domain/core";
import { after, type GenerationRecord, type ProjectionRecord } from "@reactive-domain/persistence";
import { filterOf, type EventFeed } from "../listeners/event-feed.ts";

/** The generation of a projection that answers. There always is one. */
export function liveOf({ generations }: ProjectionRecord): GenerationRecord {
  return generations.find(({ status }) => status === "live") as GenerationRecord;
}

/** Up to where all lanes of a generation have committed everything; `null` before the first event. */
export function placeOf({ lanes }: Pick<GenerationRecord, "lanes">): Position | null {
  return lanes.includes(null) ? null : (Math.min(...(lanes as readonly Position[])) as Position);
}

/** The place of the next event of a feed behind one; `null` where there is none. Errors: those of the store. */
export async function nextOf(feed: EventFeed, place: Position | null, signal?: AbortSignal): Promise<Position | null> {
  const from = place === null ? ("start" as const) : after(place);
  const options = { ...filterOf(feed), from, limit: 1, ...(signal === undefined ? {} : { signal }) };
  for await (const { position } of feed.store.read(feed.source, options)) return position;
  return null;
}
