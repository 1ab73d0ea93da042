import { Metadata, status, type StatusObject } from "@grpc/grpc-js";

/**
 * What a client is told in place of an answer: a gRPC status, and in its trailers what clients make their own error types of. It is an `Error` so that it can be
 * thrown, and carries what grpc-js looks for.
 */
export class Refusal extends Error implements Partial<StatusObject> {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, trailers: Readonly<Record<string, string | Buffer>> = {}) {
    super(details);
    this.name = "Refusal";
    this.code = code;
    this.details = details;
    this.metadata = new Metadata();
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, typeof value === "string" ? trailerText(value) : value);
  }
}

/** Trailers are ASCII: a name that is not is percent-encoded. */
function trailerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
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
  return new Refusal(status.INVALID_ARGUMENT, `The events of an append may have ${maxBytes} bytes together. Write fewer at once.`, {
    exception: "maximum-append-size-exceeded",
    "maximum-append-size": String(maxBytes),
  });
}

export function deadlinePassed(): Refusal {
  return new Refusal(status.DEADLINE_EXCEEDED, "The deadline of the append had passed before it was begun. Nothing was written.");
}
