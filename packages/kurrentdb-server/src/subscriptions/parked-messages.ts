import { position, type Position } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type NewEvent, type RecordedEvent, type WriteItem } from "@reactive-domain/persistence";
import { METADATA_TYPE, metadataStreamOf } from "../metadata/described-stream.ts";
import { metadataEvents } from "../metadata/metadata-items.ts";
import { writeMetadataJson } from "../metadata/metadata-json.ts";
import type { ServerContext } from "../server-context.ts";
import { appendOwnEvents } from "../streams/append-events.ts";
import { parkedStream, type KeptSubscription } from "./kept-subscription.ts";

type ParkedContext = Omit<ServerContext, "subscriptions">;

const MAX_AT_ONCE = 1_000;

/** Has parked messages delivered again, those before `stopAt` in their stream, which hides them then. */
export async function replayParked(context: ParkedContext, kept: KeptSubscription, stopAt: number | undefined): Promise<void> {
  const { store } = context;
  const stream = parkedStream(kept);
  const { firstVersion, lastVersion } = await store.streamInfo(stream);
  if (firstVersion === null || lastVersion === null) return;
  const end = Math.min(stopAt ?? Number.POSITIVE_INFINITY, lastVersion + 1);
  if (end <= firstVersion) return;
  for await (const { events } of store.read({ stream }, { limit: end - firstVersion, maxBatchEvents: MAX_AT_ONCE }).batches()) {
    const positions = events.filter(({ version }) => version < end).map((event) => placeOf(event, kept));
    await store.groups.replayParked(kept.storeGroup, { positions: positions.filter((place) => place !== undefined) });
  }
  // Behind the replay: what is hidden cannot be replayed.
  await appendOwnEvents(context as ServerContext, {
    stream: metadataStreamOf(stream),
    expectedVersion: "any",
    events: [said(context, `{"$tb":${end}}`)],
  });
}

/** Nothing more is to be read of what was parked. */
export async function deleteParked(context: ParkedContext, stream: string): Promise<void> {
  const { store, lanes } = context;
  await lanes.run(stream, async () => {
    const { state } = await store.streamInfo(stream);
    if (state !== "live") return;
    const items: readonly WriteItem[] = [
      { kind: "delete", stream, expectedVersion: "any" },
      { kind: "metadata", stream, metadata: {} },
      ...metadataEvents({
        stream: metadataStreamOf(stream),
        expectedVersion: "any",
        events: [said(context, writeMetadataJson({}, true))],
      }),
    ];
    await store.write(items, { systemStreams: true });
  });
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

function said({ runtime }: Pick<ParkedContext, "runtime">, data: string): NewEvent {
  return { id: runtime.ids.next(), type: METADATA_TYPE, schemaVersion: 1, contentType: JSON_CONTENT_TYPE, data, metadata: "{}" };
}
