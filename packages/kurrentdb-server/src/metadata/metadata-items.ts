import { version, type ExpectedVersion } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type NewEvent, type StreamInfo, type StreamMetadata, type WriteItem } from "@reactive-domain/persistence";
import { aclOfMetadata } from "../access/access-control-list.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { METADATA_TYPE } from "./described-stream.ts";
import { readMetadataJson } from "./metadata-json.ts";

/** Events for a stream that tells of another one. */
export interface MetadataAppend {
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly NewEvent[];
}

/** The parts of a write that say something about a stream: the events, and what the last of them says. Errors: invalid argument where they say nothing that can be. */
export function metadataItems(append: MetadataAppend, described: StreamInfo): readonly WriteItem[] {
  const { stream } = described;
  const last = append.events.map(saidBy).at(-1);
  if (last === undefined) return [];
  return [
    ...metadataEvents(append),
    { kind: "metadata", stream, metadata: last.deletes ? last.metadata : visibleMetadata(last.metadata, described) },
    ...(last.deletes ? [{ kind: "delete" as const, stream, expectedVersion: "any" as const }] : []),
  ];
}

/** Of such a stream the last event is shown. */
export function metadataEvents({ stream, expectedVersion, events }: MetadataAppend): readonly WriteItem[] {
  return [
    { kind: "append", stream, expectedVersion, events },
    { kind: "metadata", stream, metadata: { maxCount: 1 } },
  ];
}

/** A deleted stream of which something is said is there again, without the events that it had. */
function visibleMetadata(metadata: StreamMetadata, { state, lastVersion }: StreamInfo): StreamMetadata {
  if (state !== "deleted" || lastVersion === null) return metadata;
  return { ...metadata, truncateBefore: version(Math.max(metadata.truncateBefore ?? 0, lastVersion + 1)) };
}

function saidBy({ type, contentType, data }: NewEvent): ReturnType<typeof readMetadataJson> {
  if (type !== METADATA_TYPE)
    throw invalidArgument(`What a stream is told of must be an event of type ${METADATA_TYPE}, but is a ${type}. Nothing was written.`);
  if (contentType !== JSON_CONTENT_TYPE || typeof data !== "string")
    throw invalidArgument(`An event of type ${METADATA_TYPE} must be JSON, but is ${contentType}. Nothing was written.`);
  const said = readMetadataJson(data);
  aclOfMetadata(said.metadata.custom);
  return said;
}
