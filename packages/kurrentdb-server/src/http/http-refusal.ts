import { status } from "@grpc/grpc-js";
import { refusalOf } from "../wire/refusal-of.ts";
import type { Refusal } from "../wire/refusal.ts";
import { shortened } from "../wire/shortened.ts";
import type { HttpAnswer } from "./http-answer.ts";

/** Why a request is not answered as it was meant. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(httpStatus: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "HttpRefusal";
    this.status = httpStatus;
    this.headers = headers;
  }
}

/** Clients make their own error of 401 alone: so it is told to who has no right, too. */
const UNAUTHORIZED = 401;
const ASKS_FOR_PASSWORD = { "www-authenticate": 'Basic realm="Reactive Domain", charset="UTF-8"' };
const MAX_MESSAGE_BYTES = 1_024;

/** By what a refusal is made of on the other protocol. */
const BY_EXCEPTION: Readonly<Record<string, number>> = {
  "stream-deleted": 410,
  "wrong-expected-version": 400,
  "maximum-append-size-exceeded": 413,
  "persistent-subscription-does-not-exist": 404,
  "persistent-subscription-exists": 409,
};
const BY_CODE: Partial<Record<status, number>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.OUT_OF_RANGE]: 400,
  [status.FAILED_PRECONDITION]: 400,
  [status.UNAUTHENTICATED]: UNAUTHORIZED,
  [status.PERMISSION_DENIED]: UNAUTHORIZED,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.DEADLINE_EXCEEDED]: 504,
};
const FAILED = 500;

/** What a client is told of an error, whatever it was. */
export function answerOfError(error: unknown): HttpAnswer {
  if (error instanceof HttpRefusal) return answerOf(error.status, error.message, error.headers);
  const refusal = refusalOf(error);
  const httpStatus = BY_EXCEPTION[exceptionOf(refusal)] ?? BY_CODE[refusal.code] ?? FAILED;
  return answerOf(httpStatus, refusal.details, {
    ...(httpStatus === UNAUTHORIZED && ASKS_FOR_PASSWORD),
    ...currentVersionOf(refusal),
  });
}

function answerOf(httpStatus: number, message: string, headers: Readonly<Record<string, string>>): HttpAnswer {
  return { status: httpStatus, body: { error: shortened(message, MAX_MESSAGE_BYTES) }, headers };
}

function exceptionOf({ metadata }: Refusal): string {
  return metadata.get("exception")[0]?.toString() ?? "";
}

/** Where a stream is that was expected elsewhere. */
function currentVersionOf(refusal: Refusal): Readonly<Record<string, string>> {
  if (exceptionOf(refusal) !== "wrong-expected-version") return {};
  const actual = refusal.metadata.get("actual-version")[0]?.toString() ?? "-1";
  return { "es-currentversion": actual, "kurrent-currentversion": actual };
}
