import { ReactiveDomainError } from "@reactive-domain/core";
import { EventHandlersFailed } from "../errors.ts";

/** The codes by which a store says that another writer was first. Messaging sees no store. */
const CONFLICTS: ReadonlySet<string> = new Set(["wrong-expected-version", "wrong-item-version"]);

/** Deeper than handlers send on in earnest; a chain of causes may be a circle. */
const MAX_DEPTH = 16;

/**
 * Whether a store refused what was decided on an older state: the error itself, or a cause of it. What a handler of a published event met is none: the event's
 * other handlers have done their part, and would do it again.
 */
export function isConflict(error: unknown): boolean {
  let one = error;
  for (let depth = 0; depth < MAX_DEPTH && one instanceof ReactiveDomainError && !(one instanceof EventHandlersFailed); depth++) {
    if (CONFLICTS.has(one.code) && one.retryable) return true;
    one = one.cause;
  }
  return false;
}
