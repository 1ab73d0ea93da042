import { status } from "@grpc/grpc-js";
import type { ExpectedVersion } from "@reactive-domain/core";
import type { StreamInfo } from "@reactive-domain/persistence";
import { messageField, numberField, signedField, textField } from "../wire/encode-fields.ts";
import { expectationNumber } from "../wire/places.ts";
import type { Refusal } from "../wire/refusal.ts";
import { detailedRefusal } from "./refusal-v2.ts";

/** What a client says of a stream. */
export interface StreamCheck {
  /** Its place among the checks of the request. */
  readonly index: number;
  readonly stream: string;
  readonly expected: ExpectedVersion;
}

/** The numbers for states in which a stream has no revision. */
const STATES = { missing: -1, deleted: -5, tombstoned: -6 } as const;

/** Whether what is said of a stream is so. One that is deleted, in whatever way, is none. */
export function isTrue({ expected }: StreamCheck, { state, lastVersion }: StreamInfo): boolean {
  if (expected === "any") return true;
  if (expected === "noStream") return state !== "live";
  return state === "live" && (expected === "exists" || expected === lastVersion);
}

/** Tells a client of all that is not so. */
export function violated(checks: readonly StreamCheck[], infos: ReadonlyMap<string, StreamInfo>): Refusal {
  const names = checks.map(({ stream }) => stream).join(", ");
  return detailedRefusal({
    code: status.FAILED_PRECONDITION,
    message: `These streams are not as they were said to be: ${names}. Nothing was written.`,
    type: "AppendConsistencyViolationErrorDetails",
    fields: checks.map((check) => messageField(1, violationFields(check, infos.get(check.stream)))),
  });
}

function violationFields({ index, stream, expected }: StreamCheck, info: StreamInfo | undefined): readonly Uint8Array[] {
  const state = [textField(1, stream), signedField(2, expectationNumber(expected)), signedField(3, stateNumber(info))];
  return [numberField(1, index), messageField(2, state)];
}

function stateNumber(info: StreamInfo | undefined): number {
  if (info?.state === "live") return info.lastVersion ?? STATES.missing;
  return STATES[info?.state ?? "missing"];
}
