import { context, createTraceState, isSpanContextValid, trace, type Context, type Link, type SpanContext } from "@opentelemetry/api";
import type { MessageMetadata, TraceContext } from "@reactive-domain/core";

/** Where the span of a message hangs. */
export interface Origin {
  /** The context of its parent. */
  readonly parent: Context;
  readonly links: readonly Link[];
}

/**
 * The parent of a message's span: the span that is active here, or else the one that the message's metadata tells. Where both are and differ, as when a message
 * came from elsewhere, or was made under another span than it is sent under, it is linked with the latter.
 */
export function originOf(metadata: MessageMetadata): Origin {
  const here = context.active();
  const sender = parse(metadata);
  if (sender === undefined) return { parent: here, links: [] };
  const active = trace.getSpanContext(here);
  if (active === undefined || !isSpanContextValid(active)) return { parent: trace.setSpanContext(here, sender), links: [] };
  const isSame = active.spanId === sender.spanId && active.traceId === sender.traceId;
  return { parent: here, links: isSame ? [] : [{ context: sender }] };
}

/** The active span as metadata tells it (W3C Trace Context, sections 3.2 and 3.3). */
export function activeTrace(): TraceContext | undefined {
  const active = trace.getSpanContext(context.active());
  if (active === undefined || !isSpanContextValid(active)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = active;
  const tracestate = traceState?.serialize();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  return tracestate === undefined || tracestate === "" ? { traceparent } : { traceparent, tracestate };
}

/** Of a later version than 00 more may follow; version ff is none. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

function parse({ traceparent, tracestate }: TraceContext): SpanContext | undefined {
  if (traceparent === undefined) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === "00" && more !== undefined) return undefined;
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(spanContext)) return undefined;
  return tracestate === undefined ? spanContext : { ...spanContext, traceState: createTraceState(tracestate) };
}
