import { context as contexts, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from "@opentelemetry/api";
import { readTraceWith, textOf } from "@reactive-domain/core";
import { classOf, type MessageBase } from "../message.ts";
import { readPart } from "../read-part.ts";
import { checkOptions } from "./check-option.ts";
import type { Middleware, MiddlewareContext, Next } from "./middleware.ts";
import { named } from "./named.ts";
import { errorsBehind, kindOf, outcomeOf } from "./outcome.ts";
import { withoutSecrets } from "./secrets.ts";
import { refuseUncalled } from "./step-factory.ts";
import { attributesOf, CANCELED, INSTRUMENTATION } from "./telemetry.ts";
import { activeTrace, originOf } from "./trace-parent.ts";

export interface TracingOptions {
  /** Default: that of the tracer provider that is registered with OpenTelemetry, once there is one. */
  readonly tracer?: Tracer;
}

/**
 * A span for each message on its way to a handler, by OpenTelemetry's conventions for messaging. Its parent is the active span, or else that of the message's
 * `traceparent`; what the handler sends and raises carries the handler's span in its metadata, to wherever it goes. Until an SDK is registered it does nothing.
 *
 * From the first call on, new messages of the whole process carry the active span.
 *
 * Errors: `invalid-argument`.
 */
export function tracing(options: TracingOptions = {}): Middleware {
  checkOptions("tracing", options);
  let found = options.tracer;
  readTraceWith(activeTrace);
  return named("tracing", (message, context, next) => {
    found ??= registeredTracer();
    return found === undefined ? next() : traced(found, message, context, next);
  });
}

refuseUncalled(tracing);

/** The tracer of the registered provider. The API's own provider stands in for one that may come later, and takes time for spans that nobody gets. */
function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  const standIn = provider as { readonly getDelegateTracer?: (name: string) => Tracer | undefined };
  return standIn.getDelegateTracer === undefined ? provider.getTracer(INSTRUMENTATION) : standIn.getDelegateTracer(INSTRUMENTATION);
}

async function traced(tracer: Tracer, message: MessageBase, context: MiddlewareContext, next: Next): Promise<unknown> {
  const { type } = classOf(message);
  const { metadata, handler } = context;
  const { parent, links } = originOf(metadata);
  const attributes = {
    ...attributesOf(type, handler),
    "messaging.operation.type": "process",
    "messaging.message.id": metadata.id,
    "messaging.message.conversation_id": metadata.correlationId,
  };
  const span = tracer.startSpan(`process ${type}`, { kind: SpanKind.CONSUMER, attributes, links: [...links] }, parent);
  try {
    return await contexts.with(trace.setSpan(parent, span), () => next());
  } catch (error) {
    if (span.isRecording()) tell(span, error, message, context);
    throw error;
  } finally {
    span.end();
  }
}

/** What a span inside has told: an error goes through many on its way out. */
const told = new WeakSet<object>();

function tell(span: Span, thrown: unknown, message: MessageBase, context: MiddlewareContext): void {
  if (outcomeOf(thrown, context) === "canceled") {
    span.setAttributes(CANCELED);
    return;
  }
  const shown = (text: string): string => withoutSecrets(text, thrown, message);
  span.setStatus({ code: SpanStatusCode.ERROR, message: shown(textOf(thrown)) });
  span.setAttribute("error.type", kindOf(thrown));
  const errors = [...errorsBehind(thrown)];
  if (errors.some((error) => told.has(error))) return;
  for (const error of errors) told.add(error);
  const stack = thrown instanceof Error ? readPart(thrown, "stack") : undefined;
  span.recordException({
    name: kindOf(thrown),
    message: shown(textOf(thrown)),
    ...(typeof stack === "string" ? { stack: shown(stack) } : undefined),
  });
}
