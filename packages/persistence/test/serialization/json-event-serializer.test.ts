import { createTimeOrderedIds, position, systemClock, version } from "@reactive-domain/core";
import { Event, InvalidMessage, MessageBuilder, metadataOf, type EventBase } from "@reactive-domain/messaging";
import { createJsonEventSerializer, recordedEvent, type NewEvent, type RecordedEvent } from "@reactive-domain/persistence";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

class Noted extends Event("Noted")<{ what: unknown }> {}
class Weighed extends Event("Weighed", { schema: v.object({ grams: v.number() }) }) {}
class Moved extends Event("Moved", {
  version: 3,
  upcasters: {
    1: (old: { town: string }) => ({ city: old.town }),
    2: (old: { city: string }) => ({ city: old.city, country: "unknown" }),
  },
})<{ city: string; country: string }> {}
class Unlisted extends Event("Unlisted")<{ x: number }> {}

// A key __proto__ is refused: it would change the object that it is copied to.
const jsonData = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
const serializer = createJsonEventSerializer([Noted, Weighed, Moved]);
const context = {
  stream: "test-1",
  eventId: "id",
  type: "Noted",
  tenant: undefined,
  actor: undefined,
  subject: undefined,
  commitId: undefined,
  aggregate: undefined,
};
const ids = createTimeOrderedIds(systemClock);

async function stored(event: EventBase, changes: Partial<NewEvent> = {}): Promise<RecordedEvent> {
  return recorded({ ...(await serializer.serialize(event, context)), ...changes });
}

function recorded(event: NewEvent): RecordedEvent {
  return recordedEvent({ ...event, stream: "test-1", version: version(4), position: position(17), time: new Date(5000) });
}

async function readBack(event: RecordedEvent): Promise<EventBase> {
  const [message, ...others] = await serializer.deserialize(event);
  expect(others).toEqual([]);
  return message as EventBase;
}

describe("the JSON serializer", () => {
  it("G3: gives back an event of the same class with the same payload, whatever JSON data that is", async () => {
    await fc.assert(
      fc.asyncProperty(jsonData, async (what) => {
        const message = await readBack(await stored(new Noted({ what })));
        expect(message).toBeInstanceOf(Noted);
        expect(JSON.stringify(message)).toBe(JSON.stringify({ what }));
      }),
    );
  });

  it("B5: gives back the metadata unchanged", async () => {
    const source = MessageBuilder.create(new Noted({ what: 1 }), { actor: "ann", tenant: "north", traceparent: "00-a-b-01" });
    const event = MessageBuilder.from(source).create(new Noted({ what: 2 }), { custom: { reason: ["x", { y: null }] } });
    expect(metadataOf(await readBack(await stored(event)))).toEqual(metadataOf(event));
  });

  it("fills in what another writer did not know: its own id as the correlation id, and the time of the commit", async () => {
    const event = await stored(new Noted({ what: 1 }), { metadata: "" });
    expect(metadataOf(await readBack(event))).toEqual({ id: event.id, correlationId: event.id, timeMs: 5000 });
  });

  it("tells a store type, schema version and content type, and keeps the id out of the metadata", async () => {
    const event = await stored(new Moved({ city: "Rome", country: "Italy" }));
    expect(event).toMatchObject({
      type: "Moved",
      schemaVersion: 3,
      contentType: "application/json",
      data: '{"city":"Rome","country":"Italy"}',
    });
    expect(Object.keys(JSON.parse(event.metadata))).toEqual(["correlationId", "timeMs"]);
  });

  it("G6: refuses a type that is not listed, both ways", async () => {
    expect(() => serializer.serialize(new Unlisted({ x: 1 }), context)).toThrow("An event for test-1 has the type Unlisted");
    const event = await stored(new Noted({ what: 1 }), { type: "Unlisted" });
    expect(() => serializer.deserialize(event)).toThrow("Event 4 of test-1 (position 17) has the type Unlisted");
  });

  it("refuses a class that has a listed type's name but is another", () => {
    class Impostor extends Event("Noted")<{ what: number }> {}
    expect(() => serializer.serialize(new Impostor({ what: 1 }), context)).toThrow("List its class there.");
    expect(() => createJsonEventSerializer([Noted, Impostor])).toThrow("two classes of type Noted");
    expect(() => createJsonEventSerializer([Noted, Noted])).not.toThrow();
  });

  it("holds an event against its schema before it is stored, and not when it is read", async () => {
    expect(() => serializer.serialize(new Weighed({ grams: "many" as never }), context)).toThrow(InvalidMessage);
    const event = await stored(new Weighed({ grams: 1 }), { data: '{"grams":"many"}' });
    expect(await readBack(event)).toMatchObject({ grams: "many" });
  });

  it.each([
    [new Date(0), "$.what is an instance of Date"],
    [Number.NaN, "$.what is NaN"],
    [[undefined], "$.what[0] is undefined"],
    [1n, "$.what is a bigint"],
  ])("refuses a payload that is not JSON data: %o", (what, problem) => {
    expect(() => serializer.serialize(new Noted({ what }), context)).toThrow(`Noted cannot be stored as JSON: ${problem}`);
  });

  it("refuses custom metadata that is not JSON data", () => {
    const event = MessageBuilder.create(new Noted({ what: 1 }), { custom: { at: new Date(0) as never } });
    expect(() => serializer.serialize(event, context)).toThrow("cannot be stored as JSON: $.at is an instance of Date");
  });
});

describe("stored events that cannot be read", () => {
  it.each([
    ["G7: without data", { data: "" }, "it has no data"],
    ["that are not JSON", { data: "{" }, "its data is not JSON"],
    ["whose data is no object", { data: "[1]" }, "its data is not a JSON object"],
    ["of another content type", { contentType: "application/cbor" }, "its content type is application/cbor"],
    ["of a newer schema version", { schemaVersion: 2 }, "its schema version 2 is newer than 1"],
  ])("are corrupt, and told with their place: %s", async (_, changes, problem) => {
    const event = await stored(new Noted({ what: 1 }), changes);
    expect(() => serializer.deserialize(event)).toThrow(problem);
    expect(() => serializer.deserialize(event)).toThrow(/^Event 4 of test-1/);
  });

  it("that would change the prototype of their message are refused", async () => {
    const event = await stored(new Noted({ what: 1 }), { data: '{"__proto__":{"what":2}}' });
    expect(() => serializer.deserialize(event)).toThrow("without a key __proto__");
  });

  it("because their metadata is broken, are told when somebody looks at it", async () => {
    const message = await readBack(await stored(new Noted({ what: 1 }), { metadata: "{" }));
    expect(() => metadataOf(message)).toThrow("its metadata is not JSON");
  });

  it("as bytes of JSON are read all the same", async () => {
    const event = await stored(new Noted({ what: 1 }), { data: Buffer.from('{"what":"bytes"}') });
    expect(await readBack(event)).toMatchObject({ what: "bytes" });
  });
});

describe("upcasters", () => {
  it.each([
    [1, '{"town":"Rome"}'],
    [2, '{"city":"Rome"}'],
    [3, '{"city":"Rome","country":"unknown"}'],
  ])("G10: bring an event of version %d to the newest shape, one after another", async (schemaVersion, data) => {
    const event = recorded({ id: ids.next(), type: "Moved", schemaVersion, contentType: "application/json", data, metadata: "{}" });
    expect({ ...JSON.parse(JSON.stringify(await readBack(event))) }).toEqual({ city: "Rome", country: "unknown" });
  });

  it("that do not reach an old version make its events unreadable, and say so", async () => {
    class Short extends Event("Short", { version: 3, upcasters: { 2: (old: object) => old } })<{ x: number }> {}
    const short = createJsonEventSerializer([Short]);
    const event = recorded({
      id: ids.next(),
      type: "Short",
      schemaVersion: 1,
      contentType: "application/json",
      data: "{}",
      metadata: "{}",
    });
    expect(() => short.deserialize(event)).toThrow("there is no upcaster from its schema version 1");
  });
});
