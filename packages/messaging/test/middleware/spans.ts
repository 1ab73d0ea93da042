import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** A real SDK that keeps its spans. */
export class SpanKeeper implements Disposable {
  readonly #exporter = new InMemorySpanExporter();

  constructor() {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  /** All that have ended, in that order. */
  get all(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  one(name: string): ReadableSpan {
    const found = this.all.filter((span) => span.name === name);
    if (found.length !== 1 || found[0] === undefined)
      throw new Error(`There are ${found.length} spans ${name} among ${this.all.map((span) => span.name).join(", ")}.`);
    return found[0];
  }

  [Symbol.dispose](): void {
    trace.disable();
    context.disable();
  }
}

export function idsOf(span: ReadableSpan): { readonly traceId: string; readonly spanId: string } {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

export function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId } = idsOf(span);
  return `00-${traceId}-${spanId}-01`;
}

/** Runs work under a span of its own, as a server does for a request. */
export function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return trace.getTracer("test").startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}
