import { ReactiveDomainError } from "@reactive-domain/core";
import { CommandFailed, EventHandlersFailed, QueueFull, TimedOut } from "../errors.ts";
import { isConflict } from "./conflict.ts";
import { ConcurrencyLimited, RateLimited } from "./errors.ts";

/** Deeper than handlers send on in earnest. */
const MAX_DEPTH = 16;

const ALWAYS: ReadonlySet<string> = new Set([TimedOut.code, "store-unavailable"]);
const NEVER: ReadonlySet<string> = new Set([ConcurrencyLimited.code, RateLimited.code, QueueFull.code]);

/** Whether what was thrown says that something is down, rather than that the message is not as it should be, or comes at a bad time. */
export function isOutage(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth < MAX_DEPTH && (error instanceof CommandFailed || error instanceof EventHandlersFailed); depth++)
    error = error.cause;
  if (!(error instanceof ReactiveDomainError) || ALWAYS.has(error.code)) return true;
  return error.retryable && !NEVER.has(error.code) && !isConflict(error);
}
