import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { postgresServers } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { startChild, writtenBy, type Child, type Written } from "./processes/child-process.ts";
import { storePlace } from "./processes/store-place.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Positions from 0 without holes, and so the versions of every stream. */
function expectNoHoles(events: readonly RecordedEvent[]): void {
  const versions = new Map<string, number>();
  events.forEach(({ position, stream, version }, index) => {
    const next = versions.get(stream) ?? 0;
    versions.set(stream, next + 1);
    expect([position, version]).toEqual([index, next]);
  });
}

function expectContains(events: readonly RecordedEvent[], written: readonly Written[]): void {
  for (const { stream, version, position } of written) expect(events[position]).toMatchObject({ stream, version });
}

/** Appends to a stream that the other writes to as well, until it has ended. */
async function appendBeside(store: EventStore, other: Child): Promise<readonly Written[]> {
  const written: Written[] = [];
  while (other.process.exitCode === null) written.push(await store.append("shared-1", [newEvent()], { expectedVersion: "any" }));
  return written;
}

describe.each(await postgresServers())("$name", ({ url: server }) => {
  test("several processes make one new store at the same time, and write to it without a hole, a loss or a false conflict", async () => {
    const url = storePlace(server);
    const writers = ["red", "green", "blue"].map((name) => startChild("child-writer.ts", url, name, 400));
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

    await using store = await openPostgresStore(url, { autoMigrate: false });
    const events = await collect(store, { all: true });
    expect(events).toHaveLength(1_200);
    expectNoHoles(events);
    for (const writer of writers) expectContains(events, writtenBy(writer));
  });

  test("processes that write the same streams by their versions are told the truth about every conflict", async () => {
    const url = storePlace(server);
    await using store = await openPostgresStore(url);
    const rivals = Array.from({ length: 4 }, () => startChild("child-rival.ts", url, 3, 150));
    expect(await Promise.all(rivals.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);

    const events = await collect(store, { all: true });
    expectNoHoles(events);
    for (const rival of rivals) expectContains(events, writtenBy(rival));
    const lines = rivals.flatMap(({ said }) => said);
    const idsOf = (word: string): readonly (string | undefined)[] => lines.filter(([first]) => first === word).map((line) => line.at(-1));
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(idsOf("written")));
    const refused = lines.filter(([word]) => word === "refused");
    expect(refused.length).toBeGreaterThan(100);
    // A stream only grows: what is told is newer than what was believed.
    for (const [, , expected, actual] of refused) expect(Number(actual)).toBeGreaterThan(Number(expected));
  });

  test("this process and another write to the same stream, and both know its version", async () => {
    const url = storePlace(server);
    await using store = await openPostgresStore(url);
    const writer = startChild("child-writer.ts", url, "other", 500);
    const own = await appendBeside(store, writer);
    expect(await writer.ended).toBe(0);
    const events = await collect(store, { all: true });
    expect(events).toHaveLength(500 + own.length);
    expectNoHoles(events);
    expectContains(events, own);
    expectContains(events, writtenBy(writer));
  });

  test("a subscription gets the events that other processes write", async () => {
    const url = storePlace(server);
    await using store = await openPostgresStore(url);
    await using subscription = store.subscribe({ all: true });
    for (const name of ["red", "green"]) startChild("child-writer.ts", url, name, 300);
    const seen: RecordedEvent[] = [];
    for await (const message of subscription) {
      if (message.kind === "events") seen.push(...message.events);
      if (seen.length >= 600) break;
    }
    expect(seen).toHaveLength(600);
    expectNoHoles(seen);
  });

  test("what a killed process was told is written is in the log, and others write on", async () => {
    const url = storePlace(server);
    const writer = startChild("child-writer.ts", url, "other", 1_000_000);
    await writer.until(1_000);
    writer.process.kill("SIGKILL");
    expect(await writer.ended).toBe("SIGKILL");

    await using store = await openPostgresStore(url);
    // It comes behind what the server still does for the dead.
    const { position } = await store.append("other-0", [newEvent()], { expectedVersion: "exists" });
    const events = await collect(store, { all: true });
    expect(writtenBy(writer).length).toBeGreaterThanOrEqual(1_000);
    expectNoHoles(events);
    expectContains(events, writtenBy(writer));
    expect(events[position]?.stream).toBe("other-0");
  });
});
