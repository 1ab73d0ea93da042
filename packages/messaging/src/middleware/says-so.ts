import { InvalidArgument, warn } from "@reactive-domain/core";
import { isThenable } from "../thenable.ts";

/**
 * Whether an application's own function says so of an error. One that throws, or answers later, does not, and its fault becomes a warning of the process: the error
 * that it was asked about must not be lost over it.
 */
export function saysSo(what: string, ask: (error: unknown) => boolean, error: unknown): boolean {
  try {
    const answer: unknown = ask(error);
    if (!isThenable(answer)) return Boolean(answer);
    answer.then(undefined, warn);
    warn(new InvalidArgument(what, "a function that answers true or false at once", "one that answers with a promise"));
  } catch (thrown) {
    warn(thrown);
  }
  return false;
}
