import { CommandFailed, ForeignStore, ReactiveDomainError, FeedFaulted, StoreUnavailable } from "@reactive-domain/foundation";
import { printable } from "./printable.ts";
import { UsageError } from "./usage-error.ts";

/** What to tell the user of an error, on one line; `undefined` for a bug of the program, whose stack is worth more. */
export function sentenceOf(thrown: unknown): string | undefined {
  const error = firstThrown(thrown);
  if (!(error instanceof Error)) return undefined;
  const origin = originOf(error);
  if (origin instanceof StoreUnavailable || origin instanceof ForeignStore) return printable(origin.message);
  return isExpected(origin) || error instanceof FeedFaulted ? printable(error.message) : undefined;
}

/** The stack of the bug that has stopped a read model, to be shown beneath the sentence that tells which one; nothing for what is no bug. */
export function bugBeneath(thrown: unknown): string | undefined {
  const error = firstThrown(thrown);
  if (!(error instanceof FeedFaulted)) return undefined;
  const origin = originOf(error);
  return isExpected(origin) ? undefined : origin.stack;
}

function isExpected(error: Error): boolean {
  return error instanceof UsageError || (error instanceof ReactiveDomainError && !(error instanceof FeedFaulted)) || isSystemError(error);
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
