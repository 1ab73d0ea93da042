import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { expect, test, vi } from "vitest";
import { startChildWriter, type Acknowledged, type ChildWriter } from "./child-process.ts";
import { temporaryFile } from "./temporary-file.ts";

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

function expectContains(events: readonly RecordedEvent[], acknowledged: readonly Acknowledged[]): void {
  for (const { stream, version, position } of acknowledged) expect(events[position]).toMatchObject({ stream, version });
}

/** Appends to a stream that the other writes to as well, until it has ended. */
async function appendBeside(store: EventStore, other: ChildWriter): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  while (other.child.exitCode === null) acknowledged.push(await store.append("shared-1", [newEvent()], { expectedVersion: "any" }));
  return acknowledged;
}

test("several processes make one new file at the same time, and write to it without a hole or a loss", async () => {
  const path = temporaryFile();
  const writers = ["red", "green", "blue"].map((name) => startChildWriter(path, name, 400));
  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

  await using store = await openSqliteStore(path, { mustExist: true });
  const events = await collect(store, { all: true });
  expect(events).toHaveLength(1_200);
  expectNoHoles(events);
  for (const { acknowledged } of writers) expectContains(events, acknowledged);
});

test("this process and another write to the same stream, and both know its version", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  const writer = startChildWriter(path, "other", 500);
  const own = await appendBeside(store, writer);
  expect(await writer.ended).toBe(0);
  const events = await collect(store, { all: true });
  expect(events).toHaveLength(500 + own.length);
  expectNoHoles(events);
  expectContains(events, own);
  expectContains(events, writer.acknowledged);
});

test("a subscription gets the events that another process writes", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path, { pollIntervalMs: 5 });
  await using subscription = store.subscribe({ all: true });
  startChildWriter(path, "other", 300);
  const seen: RecordedEvent[] = [];
  for await (const message of subscription) {
    if (message.kind === "events") seen.push(...message.events);
    if (seen.length >= 300) break;
  }
  expect(seen).toHaveLength(300);
  expectNoHoles(seen);
});

test("what a killed process was told is written is in the log", async () => {
  const path = temporaryFile();
  const writer = startChildWriter(path, "other", 1_000_000);
  await writer.until(1_000);
  writer.child.kill("SIGKILL");
  expect(await writer.ended).toBe("SIGKILL");

  await using store = await openSqliteStore(path);
  const events = await collect(store, { all: true });
  expect(writer.acknowledged.length).toBeGreaterThanOrEqual(1_000);
  expectNoHoles(events);
  expectContains(events, writer.acknowledged);
  expect(await store.append("other-0", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: events.length });
});
