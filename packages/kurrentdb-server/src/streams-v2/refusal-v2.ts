import { status } from "@grpc/grpc-js";
import { StreamTombstoned } from "@reactive-domain/persistence";
import { messageField, numberField, signedField, textField } from "../wire/encode-fields.ts";
import { expectationNumber } from "../wire/places.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { Refusal } from "../wire/refusal.ts";
import { RevisionConflict } from "../wire/revision-conflict.ts";
import { streamOfError } from "../wire/stream-of-error.ts";

const TYPES = "type.googleapis.com/kurrentdb.protocol.v2.streams.errors.";
const NO_STREAM = -1;
/** What fits into the headers that clients take, beside the text and in base64. */
const MAX_FIELD_BYTES = 3_584;

/** A refusal whose details are a message of its own, as the second protocol has them. */
export interface DetailedRefusal {
  readonly code: status;
  readonly message: string;
  /** The name of the message of the details. */
  readonly type: string;
  readonly fields: readonly Uint8Array[];
}

/** A refusal with its details in the trailer where clients look for them. Of many fields those are left out that do not fit. */
export function detailedRefusal({ code, message: text, type, fields }: DetailedRefusal): Refusal {
  const { message } = new Refusal(code, text);
  const any = [textField(1, TYPES + type), messageField(2, fitting(fields))];
  const details = Buffer.concat([numberField(1, code), textField(2, message), messageField(3, any)]);
  return new Refusal(code, message, { "grpc-status-details-bin": details });
}

function fitting(fields: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0;
  return fields.filter(({ length }) => (bytes += length) <= MAX_FIELD_BYTES);
}

/** What a client of the second protocol is told of an error, whatever it was. */
export function refusalV2Of(error: unknown): Refusal {
  if (error instanceof RevisionConflict) return revisionConflict(error);
  if (error instanceof StreamTombstoned) return streamTombstoned(streamOfError(error));
  return refusalOf(error);
}

function revisionConflict({ stream, expected, actual, message }: RevisionConflict): Refusal {
  return detailedRefusal({
    code: status.FAILED_PRECONDITION,
    message,
    type: "StreamRevisionConflictErrorDetails",
    fields: [textField(1, stream), signedField(2, expectationNumber(expected)), signedField(3, actual ?? NO_STREAM)],
  });
}

function streamTombstoned(stream: string): Refusal {
  return detailedRefusal({
    code: status.FAILED_PRECONDITION,
    message: `Stream ${stream} is deleted for ever. Write to another stream.`,
    type: "StreamTombstonedErrorDetails",
    fields: [textField(1, stream)],
  });
}
