import { ReactiveDomainError, textOf } from "@reactive-domain/core";
import { codeOf } from "./alarm.ts";

/** What a health tells outside of an error. */
export interface ShownError {
  readonly code: string;
  /** Empty where it may not be told. */
  readonly message: string;
}

/**
 * The code, and the message of an error that extends `ReactiveDomainError`, in which the code of its cause stands in the place of what that says: a handler may have quoted
 * a payload. Others are told by their code or class alone.
 */
export function shownError(error: Error): ShownError {
  const code = codeOf(error);
  if (!(error instanceof ReactiveDomainError)) return { code, message: "" };
  const { cause } = error;
  if (cause === undefined) return { code, message: error.message };
  const quoted = textOf(cause);
  return { code, message: quoted === "" ? error.message : error.message.replaceAll(quoted, () => codeOf(cause)) };
}
