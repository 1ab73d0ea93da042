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

/** A refusal whose details are a message of its own, as the second protocol has them. */
export interface DetailedRefusal {
  readonly code: status;
  readonly message: string;
  /** The name of the message of the details. */
  readonly type: string;
  readonly fields: readonly Uint8Array[];
}

/** A refusal with its details in the trailer where clients look for them. */
export function detailedRefusal({ code, message, type, fields }: DetailedRefusal): Refusal {
  const any = [textField(1, TYPES + type), messageField(2, fields)];
  const details = Buffer.concat([numberField(1, code), textField(2, message), messageField(3, any)]);
  return new Refusal(code, message, { "grpc-status-details-bin": details });
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
