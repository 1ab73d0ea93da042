import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { AppendItem } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const stream = "account-1";

/** Writing again what was written: a writer that did not learn the outcome may simply repeat. */
export const repeatedWriteCases: readonly ConformanceCase[] = [
  storeCase("an append that is repeated is answered with the outcome of the first time", ["F15"], async (store) => {
    const events = newEvents(3);
    const first = await store.append(stream, events, { expectedVersion: "noStream" });
    const again = await store.append(stream, events, { expectedVersion: "noStream" });
    assert.deepEqual({ ...again }, { ...first, repeated: true });
    await assertLog(store, events, "after a repeated append");
  }),

  storeCase("a repeated append gets the first outcome also when the stream and the log have moved on", ["F15"], async (store) => {
    const before = await grow(store, stream, 2);
    const events = newEvents(2);
    const expectedVersion = ExpectedVersion.exactly(1);
    const first = await store.append(stream, events, { expectedVersion });
    const later = [...(await grow(store, stream, 3)), ...(await grow(store, "account-2", 2))];
    const again = await store.append(stream, events, { expectedVersion });
    assert.deepEqual({ ...again }, { stream, version: first.version, position: first.position, repeated: true });
    await assertLog(store, [...before, ...events, ...later], "after a repeated append");
  }),

  storeCase("a repeated append is recognised before its expected version is looked at, whatever that is", ["F15"], async (store) => {
    const events = await grow(store, stream, 2);
    for (const expectedVersion of ["noStream", "exists", "any", ExpectedVersion.exactly(0), ExpectedVersion.exactly(99)] as const) {
      const again = await store.append(stream, events, { expectedVersion });
      assert.deepEqual({ ...again }, { stream, version: 1, position: 1, repeated: true }, `With expected version ${expectedVersion}.`);
    }
  }),

  storeCase("a repeated append is recognised by its ids; other payloads change nothing", ["F15"], async (store) => {
    const event = newEvent({ data: '{"amount":1}' });
    await store.append(stream, [event], { expectedVersion: "any" });
    const again = await store.append(stream, [{ ...event, data: '{"amount":2}' }], { expectedVersion: "any" });
    assert.equal(again.repeated, true);
    await assertLog(store, [event], "after a repeated append");
  }),

  storeCase("an append of which only some events are recorded is refused, and nothing is written", ["F15"], async (store) => {
    const [one, two, three] = [newEvent(), newEvent(), newEvent()];
    await store.append(stream, [one, two], { expectedVersion: "any" });
    for (const overlap of [
      [two, three],
      [three, one],
      [one, two, three],
      [three, one, two],
      [one, three, two],
    ]) {
      await assertRefused(store.append(stream, overlap, { expectedVersion: "any" }), "event-already-recorded", "a partial repetition");
    }
    await assertLog(store, [one, two], "after partial repetitions");
  }),

  storeCase("an append of recorded events in another order, or with others between them, is refused", ["F15"], async (store) => {
    const [one, two, three] = [newEvent(), newEvent(), newEvent()];
    const all = [one, two, three];
    await store.append(stream, all, { expectedVersion: "any" });
    for (const reordered of [
      [two, one, three],
      [three, two, one],
      [two, one],
      [one, three],
    ]) {
      await assertRefused(store.append(stream, reordered, { expectedVersion: "any" }), "event-already-recorded", "a reordered repetition");
    }
    await assertLog(store, all, "after reordered repetitions");
  }),

  storeCase("the same event id in another stream is another event", ["F15"], async (store) => {
    const event = newEvent();
    await store.append(stream, [event], { expectedVersion: "noStream" });
    const other = await store.append("account-2", [event], { expectedVersion: "noStream" });
    assert.deepEqual({ ...other }, { stream: "account-2", version: 0, position: 1, repeated: false });
    const write = await store.write([append("account-3", [event]), append("account-4", [event])]);
    assert.equal(write.repeated, false);
    await assertLog(store, [event, event, event, event], "after the same id in four streams");
  }),

  storeCase("a write to several streams that is repeated is answered with the outcome of the first time", ["F15"], async (store) => {
    const items = [append("account-2", newEvents(2)), append("account-1", newEvents(1))];
    const first = await store.write(items);
    const later = await grow(store, "account-2", 1);
    const again = await store.write(items);
    assert.deepEqual(plain(again.streams), plain(first.streams));
    assert.deepEqual({ position: again.position, repeated: again.repeated }, { position: first.position, repeated: true });
    await assertLog(store, [...items.flatMap(({ events }) => events), ...later], "after a repeated write");
  }),

  storeCase("a write to several streams of which one is recorded and another is not is refused", ["F15"], async (store) => {
    const recorded = await grow(store, "account-1", 2);
    for (const items of [
      [append("account-1", recorded), append("account-2", newEvents(1))],
      [append("account-2", newEvents(1)), append("account-1", recorded)],
    ]) {
      await assertRefused(store.write(items), "event-already-recorded", "a write that is recorded in part");
    }
    await assertLog(store, recorded, "after partial repetitions");
  }),
];

function append(to: string, events: AppendItem["events"]): AppendItem {
  return { kind: "append", stream: to, events, expectedVersion: "any" };
}

function plain(results: readonly { readonly stream: string; readonly version: number; readonly position: number }[]): readonly object[] {
  return results.map((result) => ({ stream: result.stream, version: result.version, position: result.position }));
}
