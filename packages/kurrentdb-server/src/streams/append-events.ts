import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import type { NewEvent, StreamInfo, WriteItem } from "@reactive-domain/persistence";
import { StreamTombstoned } from "@reactive-domain/persistence";
import { describedStream } from "../metadata/described-stream.ts";
import { metadataItems } from "../metadata/metadata-items.ts";
import type { ServerContext } from "../server-context.ts";
import { RevisionConflict } from "../wire/revision-conflict.ts";
import { refuseReserved } from "./refuse-reserved.ts";
import { writeAsExpected } from "./write-as-expected.ts";

/** What is to be appended to one stream. */
export interface StreamAppend {
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly NewEvent[];
}

/** Where the last event of an append is; of one without events, the last one of the stream. */
export interface AppendedAt {
  readonly version: Version | null;
  /** `null` where nothing was to be written. */
  readonly position: Position | null;
}

/** Appends events as clients of KurrentDB expect it. Errors: `RevisionConflict`, refusals, and those of the store. */
export async function appendEvents(context: ServerContext, append: StreamAppend): Promise<AppendedAt> {
  refuseReserved(append.stream);
  const described = describedStream(append.stream);
  if (described === undefined) return written(context, append, [{ kind: "append", ...append }]);
  return context.lanes.run(described, async () => written(context, append, await itemsToAppend(context, append)));
}

/** The parts of a write that append to one of several streams. Errors: as those of {@link appendEvents}. */
export async function itemsToAppend(context: ServerContext, append: StreamAppend): Promise<readonly WriteItem[]> {
  refuseReserved(append.stream);
  const described = describedStream(append.stream);
  if (described === undefined) return [{ kind: "append", ...append }];
  return metadataItems(append, await notTombstoned(context, described, append.stream));
}

/** How a stream is. Of one that is deleted for ever nothing more can be said, nor can it be deleted again. Errors: `stream-tombstoned`. */
export async function notTombstoned({ store }: ServerContext, stream: string, asked: string = stream): Promise<StreamInfo> {
  const info = await store.streamInfo(stream);
  if (info.state === "tombstoned") throw new StreamTombstoned(asked);
  return info;
}

async function written({ store }: ServerContext, append: StreamAppend, items: readonly WriteItem[]): Promise<AppendedAt> {
  if (append.events.length === 0) return unchanged(await store.streamInfo(append.stream), append.expectedVersion);
  const { streams } = await writeAsExpected(store, items);
  const { version, position } = streams[0] ?? { version: null, position: null };
  return { version, position };
}

/** What comes of an append without events. */
function unchanged({ stream, state, lastVersion }: StreamInfo, expected: ExpectedVersion): AppendedAt {
  if (state === "tombstoned") throw new StreamTombstoned(stream);
  const isLive = state === "live";
  const fits =
    expected === "any" ||
    (expected === "noStream" && !isLive) ||
    (expected === "exists" && isLive) ||
    (lastVersion !== null && expected === lastVersion);
  if (!fits) throw new RevisionConflict(stream, expected, { actual: lastVersion, isDeleted: state === "deleted" });
  return { version: lastVersion, position: null };
}
