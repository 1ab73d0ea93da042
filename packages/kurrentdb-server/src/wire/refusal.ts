import { Metadata, status, type StatusObject } from "@grpc/grpc-js";
import { shortened } from "./shortened.ts";

/**
 * Many clients take 8 KiB of headers. Of more than 64 KiB the client would hear nothing, nor anything else over its connection. A name may be of 512 characters, each of 9 bytes when it is
 * encoded; the rest is for what is said of it.
 */
const MAX_DETAILS_BYTES = 1_024;
const MAX_NAME_CHARACTERS = 512;

/**
 * What a client is told in place of an answer: a gRPC status, and in its trailers what clients make their own error types of. It is an `Error` so that it can be
 * thrown, and carries what grpc-js looks for. It is cut to what fits: what clients sent, and it repeats, has no bound.
 */
export class Refusal extends Error implements Partial<StatusObject> {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, trailers: Readonly<Record<string, string | Buffer>> = {}) {
    super(shortened(details, MAX_DETAILS_BYTES));
    this.name = "Refusal";
    this.code = code;
    this.details = this.message;
    this.metadata = new Metadata();
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, typeof value === "string" ? trailerText(value) : value);
  }
}

/** Trailers are ASCII: a name that is not is percent-encoded. */
function trailerText(text: string): string {
  const name = text.slice(0, MAX_NAME_CHARACTERS).toWellFormed();
  return /^[\x20-\x7e]*$/.test(name) ? name : encodeURIComponent(name);
}

export function invalidArgument(details: string): Refusal {
  return new Refusal(status.INVALID_ARGUMENT, details);
}

export function streamDeleted(stream: string): Refusal {
  return new Refusal(status.FAILED_PRECONDITION, `Stream ${stream} is deleted.`, {
    exception: "stream-deleted",
    "stream-name": stream,
  });
}

export function accessDenied(details: string): Refusal {
  return new Refusal(status.PERMISSION_DENIED, details, { exception: "access-denied" });
}

export function appendTooLarge(maxBytes: number): Refusal {
  return tooLarge(`The events of an append may have ${maxBytes} bytes together. Write fewer at once.`, maxBytes);
}

export function tooLarge(details: string, maxBytes: number): Refusal {
  return new Refusal(status.INVALID_ARGUMENT, details, {
    exception: "maximum-append-size-exceeded",
    "maximum-append-size": String(maxBytes),
  });
}

export function deadlinePassed(): Refusal {
  return new Refusal(status.DEADLINE_EXCEEDED, "The deadline of the append had passed before it was begun. Nothing was written.");
}
