import { position, version } from "@reactive-domain/core";
import { Event, Query } from "@reactive-domain/messaging";
import { CorruptEvent, createJsonEventSerializer, recordedEvent } from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";

class Asked extends Query("Asked")<{ x: number }, void> {}

function readThrough(upcaster: () => unknown): unknown {
  class Changed extends Event("Changed", { version: 2, upcasters: { 1: upcaster as () => object } })<{ x: number }> {}
  const id = "0198b2a4-0000-7000-8000-000000000001";
  const content = { id, type: "Changed", schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
  const place = { stream: "account-1", version: version(4), position: position(17), time: new Date(5000) };
  return createJsonEventSerializer([Changed]).deserialize(recordedEvent({ ...content, ...place }));
}

describe("G10: an upcaster whose result is no payload", () => {
  it.each([
    ["nothing", () => undefined],
    ["null", () => null],
    ["a number", () => 7],
    ["a promise", () => Promise.resolve({ x: 1 })],
    ["a date", () => new Date(0)],
    ["a map", () => new Map()],
    ["a query", () => new Asked({ x: 1 })],
    ["a list in a list", () => [[{ x: 1 }]]],
    ["a list with a hole", () => [{ x: 1 }, undefined]],
  ])("makes its event unreadable, and is told with the event's place: %s", (_, upcaster) => {
    expect(() => readThrough(upcaster)).toThrow(CorruptEvent);
    expect(() => readThrough(upcaster)).toThrow("Event 4 of account-1, a Changed, cannot be read: its upcaster from schema version 1 made");
  });

  it("is told when it throws, with what it threw as the cause", () => {
    const failure = new Error("no such field");
    const fail = (): never => {
      throw failure;
    };
    expect(() => readThrough(fail)).toThrow("its upcaster from schema version 1 failed: no such field");
    expect(() => readThrough(fail)).toThrow(expect.objectContaining({ cause: failure }) as Error);
  });
});
