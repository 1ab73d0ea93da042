import { ANY, NO_STREAM, STREAM_EXISTS, type AppendStreamState } from "@kurrent/kurrentdb-client";
import type { ExpectedVersion } from "@reactive-domain/core";

/** An expectation in the client's words. */
export function streamStateOf(expected: ExpectedVersion): AppendStreamState {
  if (expected === "any") return ANY;
  if (expected === "noStream") return NO_STREAM;
  return expected === "exists" ? STREAM_EXISTS : BigInt(expected);
}
