import { CommandFailed, ForeignStore, ReactiveDomainError, FeedFaulted, StoreUnavailable } from "@reactive-domain/foundation";
import { printable } from "./printable.ts";
import { UsageError } from "./usage-error.ts";

/** What to tell the user of an error, on one line; `undefined` for a bug of the program, whose stack is worth more. */
export function sentenceOf(thrown: unknown): string | undefined {
  const error = firstThrown(thrown);
  if (!(error instanceof Error)) return undefined;
  const origin = originOf(error);
  if (origin instanceof StoreUnavailable || origin instanceof ForeignStore) return printable(origin.message);
  const isExpected = origin instanceof UsageError || origin instanceof ReactiveDomainError || isSystemError(origin);
  return isExpected ? printable(error.message) : undefined;
}

/** What went wrong before something else did while things were closed. */
function firstThrown(error: unknown): unknown {
  let first = error;
  while (first instanceof Error && first.name === "SuppressedError")
    first = (first as Error & { readonly suppressed?: unknown }).suppressed;
  return first;
}

/** What is beneath errors that only tell where it came up. */
function originOf(error: Error): Error {
  let origin = error;
  while ((origin instanceof CommandFailed || origin instanceof FeedFaulted) && origin.cause instanceof Error) origin = origin.cause;
  return origin;
}

/** An input, an output or a file failed, in the words of the operating system. */
function isSystemError(error: Error): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === "string";
}
