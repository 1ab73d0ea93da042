import { status } from "@grpc/grpc-js";
import type { ExpectedVersion } from "@reactive-domain/core";
import { messageField, numberField, textField } from "./encode-fields.ts";
import type { WireStatus } from "./encode-batch-answer.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Refusal } from "./refusal.ts";
import { RevisionConflict } from "./revision-conflict.ts";

const PACKAGE = "event_store.client.";

/** An error of an append to a stream as data, with the details that clients make their own error types of. */
export function statusOf(error: unknown, stream: string): WireStatus {
  const refusal = refusalOf(error);
  const { code, message } = refusal;
  if (error instanceof RevisionConflict && exceptionOf(refusal) === "wrong-expected-version")
    return { code, message, type: `${PACKAGE}WrongExpectedVersion`, details: conflictDetails(error) };
  const [type, details] = detailsOf(refusal, stream);
  return { code, message, type: PACKAGE + type, details };
}

function detailsOf(refusal: Refusal, stream: string): readonly [type: string, details: readonly Uint8Array[]] {
  switch (exceptionOf(refusal)) {
    case "stream-deleted":
      return ["StreamDeleted", [messageField(1, [textField(3, stream)])]];
    case "access-denied":
      return ["AccessDenied", []];
    case "maximum-append-size-exceeded":
      return ["MaximumAppendSizeExceeded", [numberField(1, Number(refusal.metadata.get("maximum-append-size")[0]))]];
    default:
      return detailsOfCode(refusal);
  }
}

function detailsOfCode({ code, message }: Refusal): readonly [type: string, details: readonly Uint8Array[]] {
  if (code === status.DEADLINE_EXCEEDED) return ["Timeout", []];
  if (code === status.UNAUTHENTICATED) return ["AccessDenied", []];
  return code === status.INVALID_ARGUMENT ? ["BadRequest", [textField(1, message)]] : ["Unknown", []];
}

function exceptionOf({ metadata }: Refusal): string | undefined {
  return metadata.get("exception")[0]?.toString();
}

function conflictDetails({ expected, actual }: RevisionConflict): readonly Uint8Array[] {
  return [actual === null ? messageField(2, []) : numberField(1, actual), expectationDetails(expected)];
}

function expectationDetails(expected: ExpectedVersion): Uint8Array {
  if (typeof expected === "number") return numberField(3, expected);
  if (expected === "any") return messageField(4, []);
  return messageField(expected === "exists" ? 5 : 6, []);
}
