import assert from "node:assert/strict";
import type { EventStore, NewEvent, RecordedEvent } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { newEvent } from "./new-event.ts";
import { eventsOf } from "./reading.ts";

const ODD_JSON = [
  ["odd white space, a strange order of keys and a key twice", ' {\n\t"b" : 1,\r\n  "a":[ ] , "10":1, "2":2, "b":3 }\n'],
  ["numbers in other spellings", '{"a":1.0,"b":1e2,"c":-0,"d":12345678901234567890.123456789,"e":0.1000}'],
  ["characters of one to four bytes, and marks that combine", '{"text":"aé€😀𝔘 e\u0301 \u200d \u2028"}'],
  ["escapes, NUL among them", String.raw`{"nul":"a\u0000b","e":"\u00e9","slash":"\/","half":"\ud83d","quote":"\"'\\"}`],
  ["what SQL and templates might take for their own", `{"a":"'; DROP TABLE events; --","b":"$1 ? :name %s {{x}} \${y}"}`],
  ["an empty object", "{}"],
] as const;

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** What is handed in comes back, character by character and byte by byte. */
export const verbatimCases: readonly ConformanceCase[] = [
  ...ODD_JSON.map(([what, text]) =>
    storeCase(`JSON text comes back as it was written: ${what}`, ["G3"], async (store) => {
      assert.equal((await roundTrip(store, newEvent({ data: text }))).data, text);
      assert.equal((await roundTrip(store, newEvent({ metadata: text }))).metadata, text);
    }),
  ),

  storeCase("every field of an event comes back as it was written", ["G3"], async (store) => {
    const event = newEvent({ type: "Größe geändert 😀", schemaVersion: 2_147_483_647, metadata: '{"correlationId":"x"}' });
    const stored = await roundTrip(store, event);
    const { id, type, schemaVersion, contentType, data, metadata } = stored;
    assert.deepEqual({ id, type, schemaVersion, contentType, data, metadata }, event);
    assert.equal(stored.stream, "account-1");
  }),

  storeCase("bytes come back as bytes, with their content type", ["G3"], async (store) => {
    for (const bytes of [ALL_BYTES, new Uint8Array(0), Uint8Array.of(0), new TextEncoder().encode('{"looks":"like JSON"}')]) {
      const stored = await roundTrip(store, newEvent({ contentType: "application/octet-stream", data: bytes }));
      assert.ok(stored.data instanceof Uint8Array, "Bytes must come back as bytes.");
      assert.deepEqual([...stored.data], [...bytes]);
      assert.equal(stored.contentType, "application/octet-stream");
    }
  }),

  storeCase("bytes come back as bytes also when their content type says JSON", ["G3"], async (store) => {
    const bytes = new TextEncoder().encode('{"a":1}');
    const stored = await roundTrip(store, newEvent({ data: bytes }));
    assert.ok(stored.data instanceof Uint8Array, "Bytes must come back as bytes.");
    assert.deepEqual([...stored.data], [...bytes]);
  }),

  storeCase("text of another content type comes back as text", ["G3"], async (store) => {
    const stored = await roundTrip(store, newEvent({ contentType: "text/csv; charset=utf-8", data: "a;b\n1;é😀\n" }));
    assert.deepEqual([stored.contentType, stored.data], ["text/csv; charset=utf-8", "a;b\n1;é😀\n"]);
  }),

  storeCase("what the writer does to its bytes once it has called does not change what is stored", ["G3"], async (store) => {
    for (const data of [Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3)]) {
      const event = newEvent({ contentType: "application/octet-stream", data });
      const append = store.append("account-1", [event], { expectedVersion: "any" });
      data.fill(9);
      await append;
      data.fill(7);
      assert.deepEqual([...(await dataOf(store, event))], [1, 2, 3]);
    }
  }),

  storeCase("what the writer does to its list of events once it has called does not change what is written", ["F5"], async (store) => {
    const [one, two] = [newEvent(), newEvent()];
    const events = [one];
    const emptied = store.append("account-1", events, { expectedVersion: "any" });
    events.length = 0;
    const changed = [two];
    const replaced = store.append("account-2", changed, { expectedVersion: "any" });
    changed[0] = newEvent();
    await Promise.all([emptied, replaced]);
    assert.deepEqual([(await roundTripOf(store, one)).stream, (await roundTripOf(store, two)).stream], ["account-1", "account-2"]);
  }),

  storeCase("an event that was read can be written to another stream as it is", ["G3"], async (store) => {
    const event = newEvent({ contentType: "application/octet-stream", data: Uint8Array.of(1, 2, 3) });
    await store.append("account-1", [event], { expectedVersion: "any" });
    const read = await eventsOf(store.read({ stream: "account-1" }));
    await store.append("copy-1", read, { expectedVersion: "noStream" });
    const [copy = assert.fail()] = await eventsOf(store.read({ stream: "copy-1" }));
    assert.ok(copy.data instanceof Uint8Array);
    assert.deepEqual([copy.id, ...copy.data], [event.id, 1, 2, 3]);
  }),

  storeCase("what a reader does to the bytes it got does not change what is stored", ["G3"], async (store) => {
    const event = newEvent({ contentType: "application/octet-stream", data: Uint8Array.of(1, 2, 3) });
    await store.append("account-1", [event], { expectedVersion: "any" });
    (await dataOf(store, event)).fill(9);
    assert.deepEqual([...(await dataOf(store, event))], [1, 2, 3]);
  }),
];

/** An event as the log has it. */
async function roundTripOf(store: EventStore, { id }: NewEvent): Promise<RecordedEvent> {
  const event = (await eventsOf(store.read({ all: true }))).find((one) => one.id === id);
  return event ?? assert.fail("What was handed in must be written.");
}

/** An event as it comes back from a stream; the category, the type and the log must give the same. */
async function roundTrip(store: EventStore, event: NewEvent): Promise<RecordedEvent> {
  await store.append("account-1", [event], { expectedVersion: "any" });
  const sources = [{ stream: "account-1" }, { category: "account" }, { eventType: event.type }, { all: true }] as const;
  const found = await Promise.all(sources.map(async (source) => find(await eventsOf(store.read(source)), event)));
  const [inStream = assert.fail(), ...elsewhere] = found;
  for (const other of elsewhere) {
    assert.deepEqual(
      [other.data, other.metadata, other.version, other.position],
      [inStream.data, inStream.metadata, inStream.version, inStream.position],
    );
  }
  return inStream;
}

async function dataOf(store: EventStore, event: NewEvent): Promise<Uint8Array> {
  const { data } = find(await eventsOf(store.read({ all: true })), event);
  assert.ok(data instanceof Uint8Array, "Bytes must come back as bytes.");
  return data;
}

function find(events: readonly RecordedEvent[], { id }: NewEvent): RecordedEvent {
  return events.find((event) => event.id === id) ?? assert.fail(`Event ${id} was written and is not there.`);
}
