import { derivedId, position, version } from "@reactive-domain/core";
import { Event, metadataOf, type EventBase } from "@reactive-domain/messaging";
import { createJsonEventSerializer, recordedEvent, type RecordedEvent } from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";

const ID = "0198b2a4-0000-7000-8000-000000000001";

class Renamed extends Event("Renamed")<{ name: string }> {}
class Unlisted extends Event("Unlisted")<{ name: string }> {}

/** Version 1 held all changes of a day; version 2 held one change; version 3 tells its currency. What renamed the account is an event of its own today. */
class Changed extends Event("Changed", {
  version: 3,
  upcasters: {
    1: ({ changes, name }: { changes: readonly number[]; name?: string }) => [
      ...changes.map((by) => ({ by })),
      ...(name === undefined ? [] : [new Renamed({ name })]),
    ],
    2: ({ by }: { by: number }) => ({ by, currency: "EUR" }),
  },
})<{ by: number; currency: string }> {}
class Careless extends Event("Careless", { version: 2, upcasters: { 1: (old: { name: string }) => [new Unlisted(old)] } })<{ x: 1 }> {}

const serializer = createJsonEventSerializer([Changed, Renamed, Careless]);

function stored(type: string, schemaVersion: number, payload: object): RecordedEvent {
  const content = { id: ID, type, schemaVersion, contentType: "application/json", data: JSON.stringify(payload) };
  const metadata = '{"correlationId":"c","causationId":"d","timeMs":7,"actor":"ann"}';
  return recordedEvent({ ...content, metadata, stream: "account-1", version: version(4), position: position(17), time: new Date(5000) });
}

async function read(event: RecordedEvent): Promise<readonly EventBase[]> {
  return serializer.deserialize(event);
}

describe("G10: an upcaster", () => {
  it("may make several events of one, each brought up to the newest shape", async () => {
    const events = await read(stored("Changed", 1, { changes: [5, -3] }));
    expect(events.map((event) => ({ ...event }))).toEqual([
      { by: 5, currency: "EUR" },
      { by: -3, currency: "EUR" },
    ]);
    expect(events.every((event) => event instanceof Changed)).toBe(true);
  });

  it("may make none", async () => {
    expect(await read(stored("Changed", 1, { changes: [] }))).toEqual([]);
  });

  it("may make events of other classes, which are in their newest shape already", async () => {
    const events = await read(stored("Changed", 1, { changes: [5], name: "Ann" }));
    expect(events.map((event) => event.constructor)).toEqual([Changed, Renamed]);
    expect({ ...events[1] }).toEqual({ name: "Ann" });
  });

  it("gives the first the id that is stored, and the others ids that follow from it; the chain is the same for all", async () => {
    const events = await read(stored("Changed", 1, { changes: [5, -3], name: "Ann" }));
    const chain = { correlationId: "c", causationId: "d", timeMs: 7, actor: "ann" };
    expect(events.map((event) => metadataOf(event))).toEqual([
      { ...chain, id: ID },
      { ...chain, id: derivedId(ID, "Changed", 1) },
      { ...chain, id: derivedId(ID, "Changed", 2) },
    ]);
  });

  it("is not asked about an event of the newest version", async () => {
    expect(await read(stored("Changed", 3, { by: 1, currency: "USD" }))).toEqual([expect.objectContaining({ by: 1, currency: "USD" })]);
  });

  it("G6: that makes an event which the context does not list is told", async () => {
    await expect(read(stored("Careless", 1, { name: "x" }))).rejects.toMatchObject({
      code: "unknown-event-type",
      details: { type: "Unlisted" },
    });
  });
});

describe("a stored event", () => {
  it("G5: is read as an event of another class when it is handed on under that type: the fields that both have are filled", async () => {
    const [event] = await read(stored("Careless", 2, { name: "Ann", x: 1 }).with({ type: "Renamed", schemaVersion: 1 }));
    expect(event).toBeInstanceOf(Renamed);
    expect((event as Renamed).name).toBe("Ann");
  });
});
