import type { MessageMetadata } from "./metadata.ts";
import { currentTrace } from "./trace-context.ts";

/** What a message takes over from the one that led to it. */
export type Correlation = Pick<MessageMetadata, "correlationId" | "causationId" | "actor" | "tenant" | "traceparent" | "tracestate">;

/**
 * The correlation of what `source` leads to: its correlation id (its own id where that is empty), itself as the cause,
 * and its actor, tenant and trace context. Where something is traced, it is the trace context of what goes on now: the source's own leads to what sent the source.
 */
export function correlationFrom(source: MessageMetadata): Correlation {
  const { actor, tenant } = source;
  const { traceparent, tracestate } = currentTrace() ?? source;
  return {
    correlationId: source.correlationId === "" ? source.id : source.correlationId,
    causationId: source.id,
    ...(actor === undefined ? undefined : { actor }),
    ...(tenant === undefined ? undefined : { tenant }),
    ...(traceparent === undefined ? undefined : { traceparent }),
    ...(tracestate === undefined ? undefined : { tracestate }),
  };
}
