import { status } from "@grpc/grpc-js";
import { ReactiveDomainError } from "@reactive-domain/core";
import { AheadOfLog, InvalidWrite, NotSupported, StreamTombstoned } from "@reactive-domain/persistence";
import { expectationNumber } from "./places.ts";
import { invalidArgument, Refusal, streamDeleted, tooLarge } from "./refusal.ts";
import { RevisionConflict } from "./revision-conflict.ts";
import { streamOfError } from "./stream-of-error.ts";

/** What a client is told of an error, whatever it was. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RevisionConflict) return refusalOfConflict(error);
  if (error instanceof StreamTombstoned) return streamDeleted(streamOfError(error));
  if (error instanceof InvalidWrite) return refusalOfWrite(error);
  if (error instanceof AheadOfLog) return new Refusal(status.OUT_OF_RANGE, error.message);
  if (error instanceof NotSupported) return new Refusal(status.UNIMPLEMENTED, error.message);
  if (error instanceof ReactiveDomainError) {
    if (error.code === "invalid-argument") return invalidArgument(error.message);
    if (error.retryable || error.code === "already-closed") return new Refusal(status.UNAVAILABLE, error.message);
    return new Refusal(status.UNKNOWN, error.message);
  }
  return new Refusal(status.UNKNOWN, error instanceof Error ? error.message : String(error));
}

/** A store counts what it keeps of an event, which may be some bytes more than were sent, and may take fewer than the server. */
function refusalOfWrite({ message, details: { maxEventBytes } }: InvalidWrite): Refusal {
  return typeof maxEventBytes === "number" ? tooLarge(message, maxEventBytes) : invalidArgument(message);
}

function refusalOfConflict({ message, stream, expected, actual, isDeleted }: RevisionConflict): Refusal {
  if (isDeleted && expected === "exists") return streamDeleted(stream);
  return new Refusal(status.FAILED_PRECONDITION, message, {
    exception: "wrong-expected-version",
    "stream-name": stream,
    "expected-version": String(expectationNumber(expected)),
    ...(actual !== null && { "actual-version": String(actual) }),
  });
}
