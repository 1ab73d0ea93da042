import { correlationFrom, currentTrace, readTraceWith, type TraceContext } from "@reactive-domain/core";
import { afterEach, describe, expect, it } from "vitest";

const SOURCE = { id: "m-1", correlationId: "c-1", timeMs: 0, traceparent: "00-source", tracestate: "vendor=source" };

afterEach(() => readTraceWith(() => undefined));

describe("what a message leads to", () => {
  it.each<readonly [string, TraceContext | undefined, TraceContext]>([
    [
      "carries the trace context of what goes on",
      { traceparent: "00-here", tracestate: "vendor=here" },
      { traceparent: "00-here", tracestate: "vendor=here" },
    ],
    ["has none of the source's trace context beside that", { traceparent: "00-here" }, { traceparent: "00-here" }],
    ["carries that of the message where nothing goes on", undefined, { traceparent: "00-source", tracestate: "vendor=source" }],
  ])("%s", (_, here, carried) => {
    readTraceWith(() => here);
    expect(currentTrace()).toBe(here);
    expect(correlationFrom(SOURCE)).toEqual({ correlationId: "c-1", causationId: "m-1", ...carried });
  });
});
