import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import type { NewEvent, StreamResult } from "@reactive-domain/persistence";
import type { ServerContext } from "../server-context.ts";

/** What is to be appended to one stream. */
export interface AppendRequest {
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly NewEvent[];
}

/** Where the last event of an append is. */
export interface AppendedAt {
  readonly version: Version;
  readonly position: Position;
}

/** Appends events as clients of KurrentDB expect it. */
export async function appendEvents({ store }: ServerContext, { stream, expectedVersion, events }: AppendRequest): Promise<AppendedAt> {
  const { streams } = await store.write([{ kind: "append", stream, expectedVersion, events }], { systemStreams: true });
  return streams[0] as StreamResult;
}
