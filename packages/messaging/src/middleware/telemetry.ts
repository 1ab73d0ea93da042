import type { Attributes } from "@opentelemetry/api";
import type { HandlerFacts } from "./middleware.ts";

/** The name of the tracer and of the meter. */
export const INSTRUMENTATION = "@reactive-domain/messaging";

/** How the handling of a message ended, where that is neither with an answer nor with an error. */
export const CANCELED: Attributes = { "reactive_domain.outcome": "canceled" };

const known = new WeakMap<HandlerFacts, Map<string, Attributes>>();

/**
 * What spans and metrics say of all messages of a type on their way to one handler (OpenTelemetry's semantic conventions for messaging, 1.45). There are as many as
 * the program has types and handlers, whatever is sent.
 */
export function attributesOf(type: string, facts: HandlerFacts): Attributes {
  let byType = known.get(facts);
  if (byType === undefined) {
    byType = new Map();
    known.set(facts, byType);
  }
  let attributes = byType.get(type);
  if (attributes === undefined) {
    attributes = {
      "messaging.system": "reactive_domain",
      "messaging.operation.name": "process",
      "messaging.destination.name": type,
      "messaging.destination.subscription.name": facts.name,
    };
    byType.set(type, attributes);
  }
  return attributes;
}
