import { isUtf8 } from "node:buffer";
import { JSON_CONTENT_TYPE, type NewEvent } from "@reactive-domain/persistence";
import { liftMetadata } from "./event-metadata.ts";
import { invalidArgument, Refusal } from "./refusal.ts";
import { status } from "@grpc/grpc-js";
import { uuidText, type WireUuid } from "./uuid.ts";

/** An event that a client wants to be appended. */
export interface ProposedMessage {
  readonly id?: WireUuid | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly custom_metadata?: Uint8Array;
  readonly data?: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** An event of the wire in the shape of the store. Errors: what is missing. */
export function proposedEvent({ id, metadata = {}, custom_metadata = NO_BYTES, data = NO_BYTES }: ProposedMessage): NewEvent {
  const { type, "content-type": wireType } = metadata;
  const missing = [...(type === undefined ? ["type"] : []), ...(wireType === undefined ? ["content-type"] : [])];
  if (missing.length > 0) throw missingMetadata(missing);
  const eventId = uuidText(id);
  if (eventId === undefined) throw invalidArgument(`An event of type ${type} has no id. Give it a UUID.`);
  const lifted = liftMetadata(custom_metadata);
  const { schemaVersion, content } = lifted;
  const contentType = content?.type ?? (wireType as string);
  const isText = content?.isText ?? contentType === JSON_CONTENT_TYPE;
  return { id: eventId, type: type as string, schemaVersion, contentType, data: contentOf(data, isText), metadata: lifted.metadata };
}

function missingMetadata(missing: readonly string[]): Refusal {
  return new Refusal(status.INVALID_ARGUMENT, `An event lacks metadata that is required: ${missing.join(", ")}.`, {
    exception: "missing-required-metadata-property",
    "required-metadata-properties": missing.join(),
  });
}

/** What calls itself text and is none is kept as the bytes that it is. */
function contentOf(data: Uint8Array, isText: boolean): string | Uint8Array {
  return isText && isUtf8(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8") : data;
}
