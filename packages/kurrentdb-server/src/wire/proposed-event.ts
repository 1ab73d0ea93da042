import { isUtf8 } from "node:buffer";
import { status } from "@grpc/grpc-js";
import { JSON_CONTENT_TYPE, type NewEvent } from "@reactive-domain/persistence";
import { liftMetadata } from "./event-metadata.ts";
import { invalidArgument, Refusal } from "./refusal.ts";

/** An event that a client wants to be appended: what of it was sent. */
export interface ProposedMessage {
  readonly id?: string;
  readonly type?: string;
  readonly contentType?: string;
  readonly metadata?: Uint8Array;
  readonly data?: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** How large an event is, as limits of appends count it. */
export function proposedBytes({ data, metadata }: ProposedMessage): number {
  return (data?.length ?? 0) + (metadata?.length ?? 0);
}

/** An event of the wire in the shape of the store. Errors: what is missing. */
export function proposedEvent({ id, type, contentType: wireType, metadata: bytes, data = NO_BYTES }: ProposedMessage): NewEvent {
  if (!hasText(type) || !hasText(wireType)) throw missingMetadata([...missing("type", type), ...missing("content-type", wireType)]);
  if (!hasText(id)) throw invalidArgument(`An event of type ${type} has no id. Give it a UUID.`);
  const { metadata, schemaVersion, content } = liftMetadata(bytes ?? NO_BYTES);
  const contentType = content?.type ?? wireType;
  const isText = content?.isText ?? contentType === JSON_CONTENT_TYPE;
  return { id, type, schemaVersion, contentType, data: contentOf(data, isText), metadata };
}

function hasText(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function missing(name: string, value: string | undefined): readonly string[] {
  return hasText(value) ? [] : [name];
}

function missingMetadata(names: readonly string[]): Refusal {
  return new Refusal(status.INVALID_ARGUMENT, `An event lacks metadata that is required: ${names.join(", ")}.`, {
    exception: "missing-required-metadata-property",
    "required-metadata-properties": names.join(),
  });
}

/** What calls itself text and is none is kept as the bytes that it is. */
function contentOf(data: Uint8Array, isText: boolean): string | Uint8Array {
  return isText && isUtf8(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8") : data;
}
