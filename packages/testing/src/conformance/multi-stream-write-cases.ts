import assert from "node:assert/strict";
import { ExpectedVersion } from "@reactive-domain/core";
import type { AppendItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog, eventsOf, idsOf } from "./reading.ts";
import { assertConflict, assertRefused } from "./refusal.ts";

/** One write to several streams: all of it or nothing. */
export const multiStreamWriteCases: readonly ConformanceCase[] = requiring(
  ["severalItems"],
  [
    storeCase("a write to several streams tells the outcome for each, in the order given", ["F5"], async (store) => {
      await grow(store, "account-2", 2);
      const items = [append("account-3", 1, "noStream"), append("account-2", 2, ExpectedVersion.exactly(1)), append("account-1", 3, "any")];
      const result = await store.write(items);
      assert.deepEqual(
        result.streams.map(({ stream, version, position }) => ({ stream, version, position })),
        [
          { stream: "account-3", version: 0, position: 2 },
          { stream: "account-2", version: 3, position: 4 },
          { stream: "account-1", version: 2, position: 7 },
        ],
      );
      assert.equal(result.position, 7, "The position of a write is that of its last event.");
      assert.equal(result.repeated, false);
      for (const { stream, events } of items) {
        const stored = idsOf(await eventsOf(store.read({ stream })));
        assert.deepEqual(stored.slice(-events.length), idsOf(events), stream);
      }
    }),

    storeCase("a conflict in the second stream of a write leaves the first as it was", ["F5"], async (store) => {
      const events = await grow(store, "account-2", 3);
      const items = [append("account-1", 2, "noStream"), append("account-2", 2, ExpectedVersion.exactly(1))];
      await assertConflict(store.write(items), { stream: "account-2", expected: ExpectedVersion.exactly(1), actual: 2 });
      await assertLog(store, events, "after a conflict in the second stream");
      assert.equal((await store.append("account-1", newEvents(1), { expectedVersion: "noStream" })).position, 3);
    }),

    storeCase("a conflict in the first stream of a write leaves the second as it was", ["F5"], async (store) => {
      const items = [append("account-1", 1, "exists"), append("account-2", 1, "noStream")];
      await assertConflict(store.write(items), { stream: "account-1", expected: "exists", actual: null });
      await assertLog(store, [], "after a conflict in the first stream");
    }),

    storeCase("an event that is refused in the second stream of a write leaves the first as it was", ["F5"], async (store) => {
      const second: AppendItem = { ...append("account-2", 1, "any"), events: newEvents(1, { id: "no uuid" }) };
      await assertRefused(store.write([append("account-1", 1, "any"), second]), "invalid-write", "a write with a bad event");
      await assertLog(store, [], "after a refused write");
    }),

    storeCase("a write that a reader sees, it sees whole: the events of one write lie together in the log", ["F5"], async (store) => {
      const writes = Array.from({ length: 8 }, (_, index) => [
        append(`account-${index}`, 2, "any"),
        append("shared-1", 1, "any"),
        append(`order-${index}`, 2, "any"),
      ]);
      await Promise.all(writes.map((items) => store.write(items)));
      const log = idsOf(await eventsOf(store.read({ all: true })));
      for (const items of writes) {
        const ids = idsOf(items.flatMap(({ events }) => events));
        const start = log.indexOf(ids[0] ?? "");
        assert.deepEqual(log.slice(start, start + ids.length), ids);
      }
    }),
  ],
);

function append(stream: string, count: number, expectedVersion: ExpectedVersion): AppendItem {
  return { kind: "append", stream, events: newEvents(count), expectedVersion };
}
