import { correlationFrom } from "@reactive-domain/core";
import { describe, expect, it } from "vitest";

describe("what a message hands on", () => {
  it("B3: is its correlation id, and itself as the cause", () => {
    expect(correlationFrom({ id: "b", correlationId: "a", causationId: "a", timeMs: 1 })).toEqual({ correlationId: "a", causationId: "b" });
  });

  it("A9: is its own id where its correlation id is empty", () => {
    expect(correlationFrom({ id: "b", correlationId: "", timeMs: 1 }).correlationId).toBe("b");
  });

  it("is also who acts, for whom, and the trace; not its time, nor what the application added", () => {
    const source = {
      id: "b",
      correlationId: "a",
      timeMs: 1,
      actor: "ann",
      tenant: "t",
      traceparent: "p",
      tracestate: "s",
      custom: { x: 1 },
    };
    expect(correlationFrom(source)).toEqual({
      correlationId: "a",
      causationId: "b",
      actor: "ann",
      tenant: "t",
      traceparent: "p",
      tracestate: "s",
    });
  });
});
