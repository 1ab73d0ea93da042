import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import { defaultAclsOf, SETTINGS_STREAM } from "../access/default-acls.ts";
import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import type { NewEvent, StreamInfo, WriteItem } from "@reactive-domain/persistence";
import type { Principal } from "../access/principal.ts";
import { toWrite } from "../access/stream-rights.ts";
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

/** Appends events as clients of KurrentDB expect it. Errors: access denied, `RevisionConflict`, refusals, and those of the store. */
export async function appendEvents(context: ServerContext, append: StreamAppend, principal: Principal): Promise<AppendedAt> {
  const allowed = allowedToAppend(context, append, principal);
  if (allowed instanceof Promise) await allowed;
  const described = describedStream(append.stream);
  if (described === undefined) return written(context, append, [{ kind: "append", ...append }]);
  return context.lanes.run(described, async () => written(context, append, await itemsOf(context, append)));
}

/** The parts of a write that append to one of several streams. Errors: as those of {@link appendEvents}. Who writes them calls {@link tellWritten} then. */
export async function itemsToAppend(context: ServerContext, append: StreamAppend, principal: Principal): Promise<readonly WriteItem[]> {
  await allowedToAppend(context, append, principal);
  return itemsOf(context, append);
}

/** What is said about streams, and about who may do what, counts from now on. */
export function tellWritten({ access }: ServerContext, streams: Iterable<string>): void {
  for (const stream of streams) {
    if (!stream.startsWith("$")) continue;
    const described = describedStream(stream);
    if (described !== undefined) access.changed(described);
    else if (stream === SETTINGS_STREAM) access.changed(stream);
  }
}

function allowedToAppend({ access }: ServerContext, { stream, events }: StreamAppend, principal: Principal): MaybePromise<void> {
  refuseReserved(stream);
  if (stream === SETTINGS_STREAM) for (const { data } of events) defaultAclsOf(data);
  return toWrite(access, principal, stream);
}

async function itemsOf(context: ServerContext, append: StreamAppend): Promise<readonly WriteItem[]> {
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

async function written(context: ServerContext, append: StreamAppend, items: readonly WriteItem[]): Promise<AppendedAt> {
  const { store } = context;
  if (append.events.length === 0) return unchanged(await store.streamInfo(append.stream), append.expectedVersion);
  const { streams } = await writeAsExpected(store, items);
  tellWritten(context, [append.stream]);
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
