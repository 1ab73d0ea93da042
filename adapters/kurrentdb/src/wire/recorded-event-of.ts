import { isUtf8 } from "node:buffer";
import { position, version } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, recordedEvent, StoreUnavailable, type RecordedEvent } from "@reactive-domain/persistence";
import type { WireRecord } from "./read-events.ts";
import { liftMetadata } from "./event-metadata.ts";

const BINARY_CONTENT_TYPE = "application/octet-stream";
/** A tick is 100 ns. */
const DIGITS_BELOW_MS = 4;

/** An event of the server in the shape of the port: with its time to the millisecond, and its text as it was written. */
export function recordedEventOf(record: WireRecord): RecordedEvent {
  const properties = record.getMetadataMap();
  const { metadata, schemaVersion, content } = liftMetadata(record.getCustomMetadata_asU8());
  const wireType = properties.get("content-type") ?? BINARY_CONTENT_TYPE;
  const contentType = content?.type ?? wireType;
  return recordedEvent({
    id: record.getId()?.getString() ?? "",
    type: properties.get("type") ?? "",
    stream: streamOf(record),
    version: version(Number(record.getStreamRevision())),
    position: position(placeOf(record)),
    time: new Date(Number((properties.get("created") ?? "0").slice(0, -DIGITS_BELOW_MS))),
    schemaVersion,
    contentType,
    data: contentOf(record.getData_asU8(), content?.isText ?? contentType === JSON_CONTENT_TYPE),
    metadata,
  });
}

function streamOf(record: WireRecord): string {
  const name = record.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array();
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString("utf8");
}

/** Whether an event is one of the server's own: not all of them have numbers that events of the port have. */
export function isOfServer(record: WireRecord): boolean {
  return record.getMetadataMap().get("type")?.startsWith("$") ?? false;
}

/** Where an event is in the log. Errors: `store-unavailable` where a server tells no position that numbers can hold. */
export function placeOf(record: WireRecord): number {
  const place = Number(record.getCommitPosition());
  if (Number.isSafeInteger(place)) return place;
  throw new StoreUnavailable("The KurrentDB server", "does not tell the positions of events; take a newer one", { retryable: false });
}

function contentOf(data: Uint8Array, isText: boolean): string | Uint8Array {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return isText && isUtf8(bytes) ? bytes.toString("utf8") : new Uint8Array(data);
}
