import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { expect } from "vitest";
import { collect } from "../collect.ts";
import { newEvent } from "../new-event.ts";
import { expectNoHoles } from "./expect-no-holes.ts";
import { writtenBy, type Child, type Written } from "./start-child.ts";
import type { StoreCases } from "./store-cases.ts";

/** What several processes that write to one store may rely on. */
export const SEVERAL_PROCESSES: StoreCases = {
  "several processes make one new store at the same time, and write to it without a hole, a loss or a false conflict": async (stores) => {
    const place = stores.newPlace();
    const writers = ["red", "green", "blue"].map((name) => stores.startWriter(place, name, 400));
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

    await using store = await stores.openExisting(place);
    const events = await collect(store, { all: true });
    expect(events).toHaveLength(1_200);
    expectNoHoles(events);
    for (const writer of writers) expectContains(events, writtenBy(writer));
  },

  "this process and another write to the same stream, and both know its version": async (stores) => {
    const place = stores.newPlace();
    await using store = await stores.open(place);
    const writer = stores.startWriter(place, "other", 500);
    const own = await appendBeside(store, writer);
    expect(await writer.ended).toBe(0);
    const events = await collect(store, { all: true });
    expect(events).toHaveLength(500 + own.length);
    expectNoHoles(events);
    expectContains(events, own);
    expectContains(events, writtenBy(writer));
  },

  "a subscription gets the events that other processes write": async (stores) => {
    const place = stores.newPlace();
    await using store = await stores.open(place);
    await using subscription = store.subscribe({ all: true });
    for (const name of ["red", "green"]) stores.startWriter(place, name, 300);
    const seen: RecordedEvent[] = [];
    for await (const message of subscription) {
      if (message.kind === "events") seen.push(...message.events);
      if (seen.length >= 600) break;
    }
    expect(seen).toHaveLength(600);
    expectNoHoles(seen);
  },

  "what a killed process was told is written is in the log, and others write on": async (stores) => {
    const place = stores.newPlace();
    const writer = stores.startWriter(place, "other", 1_000_000);
    await writer.until(1_000);
    writer.process.kill("SIGKILL");
    expect(await writer.ended).toBe("SIGKILL");

    await using store = await stores.open(place);
    // It comes behind what a server still does for the dead.
    const { position } = await store.append("other-0", [newEvent()], { expectedVersion: "exists" });
    const events = await collect(store, { all: true });
    expect(writtenBy(writer).length).toBeGreaterThanOrEqual(1_000);
    expectNoHoles(events);
    expectContains(events, writtenBy(writer));
    expect(events).toHaveLength(position + 1);
    expect(events[position]?.stream).toBe("other-0");
  },
};

/** Asserts that a log without holes has what was said to be written. */
export function expectContains(events: readonly RecordedEvent[], written: readonly Written[]): void {
  for (const { stream, version, position } of written) expect(events[position]).toMatchObject({ stream, version });
}

/** Appends to a stream that the other writes to as well, until it has ended. */
async function appendBeside(store: EventStore, other: Child): Promise<readonly Written[]> {
  const written: Written[] = [];
  while (other.process.exitCode === null) written.push(await store.append("shared-1", [newEvent()], { expectedVersion: "any" }));
  return written;
}
