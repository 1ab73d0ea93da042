import { position, version, type Position } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type NewEvent, type RecordedEvent, type WriteItem } from "@reactive-domain/persistence";
import { METADATA_TYPE, metadataStreamOf } from "../metadata/described-stream.ts";
import { metadataEvents } from "../metadata/metadata-items.ts";
import { writeMetadataJson } from "../metadata/metadata-json.ts";
import type { ServerContext } from "../server-context.ts";
import { parkedStream, type KeptSubscription } from "./kept-subscription.ts";

type ParkedContext = Omit<ServerContext, "subscriptions">;

const MAX_AT_ONCE = 1_000;

/** Has parked messages delivered again, those before `stopAt` in their stream, which hides them then. One replay after another, so that none shows again what another has hidden. */
export function replayParked(context: ParkedContext, kept: KeptSubscription, stopAt: number | undefined): Promise<void> {
  const stream = parkedStream(kept);
  return context.lanes.run(stream, () => replay(context, kept, { stream, stopAt }));
}

async function replay(
  context: ParkedContext,
  kept: KeptSubscription,
  { stream, stopAt }: { readonly stream: string; readonly stopAt: number | undefined },
): Promise<void> {
  const { store } = context;
  const { firstVersion, lastVersion } = await store.streamInfo(stream);
  if (firstVersion === null || lastVersion === null) return;
  const end = Math.min(stopAt ?? Number.POSITIVE_INFINITY, lastVersion + 1);
  if (end <= firstVersion) return;
  for await (const { events } of store.read({ stream }, { limit: end - firstVersion, maxBatchEvents: MAX_AT_ONCE }).batches()) {
    const positions = events.filter((event) => event.version < end).map((event) => placeOf(event, kept));
    await store.groups.replayParked(kept.storeGroup, { positions: positions.filter((place) => place !== undefined) });
  }
  // Behind the replay: what is hidden cannot be replayed. What else is said of the stream, as who may read it, stays.
  const { metadata } = await store.streamInfo(stream);
  const hidden = { ...metadata, truncateBefore: version(Math.max(metadata.truncateBefore ?? 0, end)) };
  await store.write([{ kind: "metadata", stream, metadata: hidden }, ...said(context, stream, writeMetadataJson(hidden, false))], {
    systemStreams: true,
  });
}

/** The parts of a write after which nothing more is to be read of what was parked. To be written in the lane of that stream. */
export async function itemsToHide(context: ParkedContext, stream: string): Promise<readonly WriteItem[]> {
  const { state } = await context.store.streamInfo(stream);
  if (state !== "live") return [];
  return [
    { kind: "delete", stream, expectedVersion: "any" },
    { kind: "metadata", stream, metadata: {} },
    ...said(context, stream, writeMetadataJson({}, true)),
  ];
}

/** Which event of the log a link stands for; `undefined` where it is of another subscription of that name, or none of ours. */
function placeOf({ metadata }: RecordedEvent, { storeGroup }: KeptSubscription): Position | undefined {
  try {
    const told = JSON.parse(metadata) as { readonly position?: unknown; readonly storeGroup?: unknown };
    return told.storeGroup === storeGroup && Number.isSafeInteger(told.position) ? position(Number(told.position)) : undefined;
  } catch {
    // An event that somebody else wrote there.
    return undefined;
  }
}

function said({ runtime }: Pick<ParkedContext, "runtime">, stream: string, data: string): readonly WriteItem[] {
  const event: NewEvent = {
    id: runtime.ids.next(),
    type: METADATA_TYPE,
    schemaVersion: 1,
    contentType: JSON_CONTENT_TYPE,
    data,
    metadata: "{}",
  };
  return metadataEvents({ stream: metadataStreamOf(stream), expectedVersion: "any", events: [event] });
}
