import type { MessageMetadata } from "./metadata.ts";

/** What metadata tells of a trace, as W3C Trace Context has it. */
export type TraceContext = Pick<MessageMetadata, "traceparent" | "tracestate">;

let read: (() => TraceContext | undefined) | undefined;

/** Has messages that are made from now on tell the trace context that is read at that moment, in the whole process; the last reader counts. */
export function readTraceWith(reader: () => TraceContext | undefined): void {
  read = reader;
}

/** The trace context of what goes on here; `undefined` outside of a trace, and where nobody traces. */
export function currentTrace(): TraceContext | undefined {
  return read?.();
}
