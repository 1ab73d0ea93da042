import assert from "node:assert/strict";
import { expectedVersion, type ExpectedVersion } from "@reactive-domain/core";
import type { EventStore, NewEvent, WriteItem } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { newEvent, newEvents } from "./new-event.ts";
import { assertLog, logOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const BAD_STREAM_NAMES = ["", " ", "\t\n", "$system", "$ce-account", "a".repeat(513), "nul\0here", "half\ud83d", "\udc00half"];
const BAD_TYPES = ["", "  ", "$metadata", "a".repeat(257), "nul\0here", "half\ud83d"];
const BAD_IDS = [
  "",
  "x",
  "no-uuid-at-all",
  "018F3B2C-0000-7000-8000-000000000001",
  "018f3b2c000070008000000000000001",
  " 018f3b2c-0000-7000-8000-000000000001",
];
const BAD_NUMBERS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];

/** What no store takes is refused before anything is written. */
export const refusedWriteCases: readonly ConformanceCase[] = [
  refused("a stream name that is blank, too long, not well formed or begins with $", (store) =>
    BAD_STREAM_NAMES.map((stream) => store.append(stream, newEvents(1), { expectedVersion: "any" })),
  ),
  refused("an event type that is blank, too long, not well formed or begins with $", (store) =>
    BAD_TYPES.map((type) => append(store, newEvent({ type }))),
  ),
  refused("an event id that is not a UUID in lower case", (store) => BAD_IDS.map((id) => append(store, newEvent({ id })))),
  refused("a schema version that is not an integer from 1", (store) =>
    BAD_NUMBERS.map((schemaVersion) => append(store, newEvent({ schemaVersion }))),
  ),
  refused("a blank content type", (store) => ["", " "].map((contentType) => append(store, newEvent({ contentType })))),
  refused("data that is neither text nor bytes", (store) =>
    [{ amount: 1 }, null, undefined, 7, [1, 2]].map((data) => append(store, wrong({ data }))),
  ),
  refused("metadata that is not text", (store) => [{}, null, undefined, 7].map((metadata) => append(store, wrong({ metadata })))),
  refused("an append without events", (store) => [store.append("account-1", [], { expectedVersion: "any" })]),
  refused("a write without items", (store) => [store.write([])]),
  refused("the same event id twice in one append", (store) => {
    const event = newEvent();
    return [append(store, event, newEvent(), event), append(store, event, newEvent({ id: event.id }))];
  }),
  refused("the same stream twice in one write", (store) => [store.write([item("account-1"), item("account-2"), item("account-1")])]),
  refused("a write item of an unknown kind", (store) => {
    const unknown: unknown = { ...item("account-1"), kind: "erase" };
    return [store.write([item("account-2"), unknown as WriteItem])];
  }),

  storeCase("a write with an expected version that is none is refused, and nothing is written", ["F4"], async (store) => {
    for (const value of [-1, 1.5, Number.NaN, 2 ** 53, "whatever", "", null, undefined]) {
      const expected: unknown = value;
      const call = store.append("account-1", newEvents(1), { expectedVersion: expected as ExpectedVersion });
      await assertRefused(call, "invalid-write", `an append with expected version ${String(value)}`);
    }
    await assertLog(store, [], "after refused writes");
  }),

  storeCase("names as long as they may be are taken, with characters of all kinds", ["F4"], async (store) => {
    const names = ["s".repeat(512), "😀".repeat(256), "größe-1", "a b/c\\d'e\"f;--", "-", "x"];
    const types = ["t".repeat(256), "😀".repeat(128), "Größe", "a'b", "-", "t"];
    for (const [index, stream] of names.entries()) {
      await store.append(stream, [newEvent({ type: types[index] ?? "" })], { expectedVersion: expectedVersion("noStream") });
    }
    const log = await logOf(store);
    assert.deepEqual(
      log.map(({ stream }) => stream),
      names,
    );
    assert.deepEqual(
      log.map(({ type }) => type),
      types,
    );
  }),
];

/** A case whose calls must all be refused. */
function refused(what: string, calls: (store: EventStore) => readonly Promise<unknown>[]): ConformanceCase {
  return storeCase(`${what} is refused, and nothing is written`, ["F5"], async (store) => {
    await Promise.all(calls(store).map((call, index) => assertRefused(call, "invalid-write", `${what} (${index})`)));
    await assertLog(store, [], "after refused writes");
    const event = newEvent();
    const { position } = await store.append("account-1", [event], { expectedVersion: "noStream" });
    assert.equal(position, 0, "A refused write must not take a position.");
  });
}

function append(store: EventStore, ...events: readonly NewEvent[]): Promise<unknown> {
  return store.append("account-1", events, { expectedVersion: "any" });
}

function item(stream: string): WriteItem {
  return { kind: "append", stream, events: newEvents(1), expectedVersion: "any" };
}

/** An event as a program without types might hand it in. */
function wrong(facts: Readonly<Record<string, unknown>>): NewEvent {
  const event: unknown = { ...newEvent(), ...facts };
  return event as NewEvent;
}
