import { position, version } from "@reactive-domain/core";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import type { CheckpointItem, EventStore, SnapshotItem, WriteItem } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const checkpoint: CheckpointItem = { kind: "checkpoint", name: "m", expected: null, position: position(0) };
const snapshot: SnapshotItem = {
  kind: "snapshot",
  name: "m",
  version: version(0),
  schemaVersion: 1,
  hash: "h",
  contentType: "application/json",
  data: "{}",
};

async function servedStore(): Promise<{ readonly inside: EventStore; readonly store: EventStore }> {
  const inside = createInMemoryStore();
  const server = await serve(inside);
  const store = await openKurrentStore(server.url);
  onTestFinished(async () => {
    await store.close();
    await server.close();
    await inside.close();
  });
  await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  return { inside, store };
}

describe.each<[string, CheckpointItem | SnapshotItem]>([
  ["rd_checkpoint-m", checkpoint],
  ["rd_snapshot-m", snapshot],
])("where %s", (stream, item) => {
  const beside: WriteItem = { kind: "append", stream: "account-2", expectedVersion: "any", events: [newEvent()] };

  test.each<[string, readonly WriteItem[]]>([
    ["alone", [item]],
    ["beside events", [beside, item]],
  ])("was deleted for ever by others, writing to it %s says so at once", async (_how, items) => {
    const { inside, store } = await servedStore();
    await store.write([item]);
    await inside.write([{ kind: "tombstone", stream, expectedVersion: "any" }]);
    await expect(store.write(items)).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: false,
      message: expect.stringContaining(stream),
    });
  });

  test.each<[string, readonly WriteItem[]]>([
    ["alone", [item]],
    ["beside events", [beside, item]],
  ])("hides what it has, it is written again %s", async (_how, items) => {
    const { inside, store } = await servedStore();
    await store.write([item]);
    await inside.write([{ kind: "metadata", stream, metadata: { truncateBefore: version(1) } }]);
    await store.write(items);
    const kept = item.kind === "checkpoint" ? await store.checkpoint("m") : (await store.snapshot("m"))?.version;
    expect(kept).toBe(0);
  });
});

test("a stream can be deleted though the stream of its snapshot was deleted for ever", async () => {
  const { inside, store } = await servedStore();
  await store.write([{ ...snapshot, name: "account-1" }]);
  await inside.write([{ kind: "tombstone", stream: "rd_snapshot-account-1", expectedVersion: "any" }]);
  await store.write([{ kind: "delete", stream: "account-1", expectedVersion: "any" }]);
  expect((await store.streamInfo("account-1")).state).toBe("deleted");
});

test.each(["", "no JSON", "null", '{"position":-1}', '{"position":"far"}'])(
  "a checkpoint in whose stream others wrote %j is none",
  async (data) => {
    const { inside, store } = await servedStore();
    await inside.append("rd_checkpoint-m", [newEvent({ data, contentType: "application/json" })], { expectedVersion: "noStream" });
    expect(await store.checkpoint("m")).toBeNull();
    await store.write([checkpoint]);
    expect(await store.checkpoint("m")).toBe(0);
  },
);
