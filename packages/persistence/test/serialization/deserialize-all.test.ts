import { position, version } from "@reactive-domain/core";
import { Event, type EventBase } from "@reactive-domain/messaging";
import {
  createJsonEventSerializer,
  deserializeAll,
  recordedEvent,
  type EventSerializer,
  type RecordedEvent,
} from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";

class Split extends Event("Split", {
  version: 2,
  upcasters: { 1: (old: { parts: readonly number[] }) => old.parts.map((part) => ({ part })) },
})<{
  part: number;
}> {}

const json = createJsonEventSerializer([Split]);

function recorded(at: number, schemaVersion: number, data: object, type = "Split"): RecordedEvent {
  const content = {
    id: `00000000-0000-7000-8000-00000000000${at}`,
    type,
    schemaVersion,
    contentType: "application/json",
    data: JSON.stringify(data),
    metadata: "{}",
  };
  return recordedEvent({ ...content, stream: "test-1", version: version(at), position: position(at), time: new Date(0) });
}

const events = [recorded(0, 2, { part: 1 }), recorded(1, 1, { parts: [] }), recorded(2, 1, { parts: [2, 3] }), recorded(3, 2, { part: 4 })];
const partsOf = (messages: readonly EventBase[]): unknown => messages.map((message) => ({ ...message }));
const parts = [1, 2, 3, 4].map((part) => ({ part }));

describe("several stored events", () => {
  it("are read at once, in order, each as one, several or no messages", () => {
    const made = deserializeAll(json, events);
    expect(made).not.toBeInstanceOf(Promise);
    expect(partsOf(made as readonly EventBase[])).toEqual(parts);
    expect(partsOf(events.flatMap((event) => json.deserialize(event) as readonly EventBase[]))).toEqual(parts);
  });

  it("are asked for one by one of a serializer that only knows one", async () => {
    const asked: number[] = [];
    const waiting: EventSerializer = {
      serialize: (event, context) => json.serialize(event, context),
      async deserialize(event) {
        asked.push(event.version);
        return Promise.resolve(json.deserialize(event));
      },
    };
    expect(partsOf(await deserializeAll(waiting, events))).toEqual(parts);
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  it("G6: are refused where one of them is unknown", () => {
    expect(() => deserializeAll(json, [...events, recorded(4, 1, {}, "Other")])).toThrow("Other");
  });
});
