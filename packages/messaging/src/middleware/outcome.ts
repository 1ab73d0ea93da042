import { ReactiveDomainError } from "@reactive-domain/core";
import type { MessageContext } from "../bus/message-context.ts";
import { EventHandlersFailed, MessageCanceled, TimedOut } from "../errors.ts";
import { readPart } from "../read-part.ts";

/** How the handling of a message ended. Time that was up is a failure; a sender who gave up is none. */
export type Outcome = "done" | "failed" | "canceled";

/** What it means that this was thrown. */
export function outcomeOf(thrown: unknown, context: MessageContext): "failed" | "canceled" {
  if (thrown instanceof MessageCanceled) return "canceled";
  if (thrown instanceof TimedOut) return "failed";
  // A command makes its signal for those who ask: only here, where something was thrown.
  const { signal } = context;
  return signal?.aborted === true && signal.reason === thrown ? "canceled" : "failed";
}

/** The kind of what was thrown, one of few: the code of an error that has one of ours, or else its class. */
export function kindOf(thrown: unknown): string {
  if (thrown instanceof ReactiveDomainError) return thrown.code;
  if (!(thrown instanceof Error)) return typeof thrown;
  const name = readPart(thrown, "name");
  return typeof name === "string" ? name : "Error";
}

/** How many errors are looked at behind one. */
const MAX_ERRORS = 32;

/** What was thrown, and what led to it. */
export function errorsBehind(thrown: unknown): ReadonlySet<object> {
  const found = new Set<object>();
  const add = (one: unknown): void => {
    if (typeof one === "object" && one !== null && found.size < MAX_ERRORS) found.add(one);
  };
  add(thrown);
  for (const one of found) {
    if (one instanceof Error) add(readPart(one, "cause"));
    if (one instanceof EventHandlersFailed) for (const { error } of one.failures) add(error);
    const errors = one instanceof AggregateError ? readPart(one, "errors") : undefined;
    if (Array.isArray(errors)) for (const error of errors) add(error);
  }
  return found;
}
