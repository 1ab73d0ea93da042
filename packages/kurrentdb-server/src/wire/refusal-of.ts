import { status } from "@grpc/grpc-js";
import { ReactiveDomainError } from "@reactive-domain/core";
import { InvalidWrite, StreamTombstoned } from "@reactive-domain/persistence";
import { invalidArgument, Refusal, streamDeleted } from "./refusal.ts";

/** What a client is told of an error, whatever it was. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StreamTombstoned) return streamDeleted(String(error.details["stream"]));
  if (error instanceof InvalidWrite) return invalidArgument(error.message);
  if (error instanceof ReactiveDomainError) {
    if (error.code === "invalid-argument") return invalidArgument(error.message);
    if (error.retryable || error.code === "already-closed") return new Refusal(status.UNAVAILABLE, error.message);
    return new Refusal(status.UNKNOWN, error.message);
  }
  return new Refusal(status.UNKNOWN, error instanceof Error ? error.message : String(error));
}
