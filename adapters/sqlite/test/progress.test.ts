import { position } from "@reactive-domain/core";
import type { CheckpointItem, EventStore, SnapshotItem } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvents } from "@reactive-domain/store-tests";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

const NAME = "balances";

function moving(expected: number | null, to: number | null): CheckpointItem {
  return { kind: "checkpoint", name: NAME, expected: expected as never, position: to as never };
}

function snapshot(facts: Partial<SnapshotItem> = {}): SnapshotItem {
  return { kind: "snapshot", name: NAME, version: 1, schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}", ...facts };
}

function append(store: EventStore, count: number): Promise<unknown> {
  return store.append("account-1", newEvents(count), { expectedVersion: "any" });
}

test("a checkpoint may be put at events that writes before it in the same transaction have added", async () => {
  await using store = await openSqliteStore(temporaryFile());
  const outcomes = await Promise.allSettled([
    store.write([moving(null, 0)]),
    append(store, 2),
    store.write([moving(null, 1)]),
    store.write([moving(1, 2)]),
    append(store, 1),
    store.write([moving(1, 2)]),
  ]);
  expect(outcomes.map((outcome) => (outcome.status === "rejected" ? (outcome.reason as { code: string }).code : "done"))).toEqual([
    "ahead-of-log",
    "done",
    "done",
    "ahead-of-log",
    "done",
    "done",
  ]);
  expect(await store.checkpoint(NAME)).toBe(2);
});

test("snapshots and checkpoints are read with readOnly, and not written", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await append(store, 1);
  await store.write([moving(null, 0), snapshot({ data: new Uint8Array([1, 2]) })]);
  await using reader = await openSqliteStore(path, { readOnly: true });
  expect(await reader.checkpoint(NAME)).toBe(position(0));
  expect(await reader.snapshot(NAME)).toMatchObject({ version: 1, data: Buffer.from([1, 2]) });
  for (const item of [moving(0, null), snapshot()])
    await expect(reader.write([item])).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
});

test("two that move one checkpoint on one file hear of each other", async () => {
  const path = temporaryFile();
  await using one = await openSqliteStore(path);
  await using two = await openSqliteStore(path);
  await append(one, 3);
  await one.write([moving(null, 1)]);
  await expect(two.write([moving(null, 2)])).rejects.toMatchObject({ code: "wrong-checkpoint", actual: 1 });
  await two.write([moving(1, 2)]);
  expect(await one.checkpoint(NAME)).toBe(2);
});

test("a buffer of a snapshot may be used again before the commit", async () => {
  await using store = await openSqliteStore(temporaryFile());
  const data = new Uint8Array([1, 2, 3]);
  const write = store.write([snapshot({ data })]);
  data.fill(0);
  await write;
  expect((await store.snapshot(NAME))?.data).toEqual(Buffer.from([1, 2, 3]));
});
