import { withRuntime } from "@reactive-domain/core";
import type { EventStore, NewEvent } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent } from "@reactive-domain/store-tests";
import { expect, test } from "vitest";
import { listEvents, type ListEventsOptions } from "../../src/commands/list-events.ts";
import { collectOutput } from "../collected-output.ts";

const NOON = Date.UTC(2026, 0, 31, 12);

async function listed(store: EventStore, options: ListEventsOptions): Promise<readonly string[]> {
  const output = collectOutput();
  await listEvents(store, options, output);
  return output.lines;
}

function storeAtNoon(): EventStore {
  return withRuntime({ clock: { now: () => NOON, monotonicMs: () => 0 } }, () => createInMemoryStore());
}

async function storeWith(...events: readonly (readonly [stream: string, facts: Partial<NewEvent>])[]): Promise<EventStore> {
  const store = storeAtNoon();
  for (const [stream, facts] of events) await store.append(stream, [newEvent(facts)], { expectedVersion: "any" });
  return store;
}

function bank(): Promise<EventStore> {
  return storeWith(["account-1", {}], ["account-2", {}], ["order-1", { type: "OrderPlaced" }], ["account-1", { type: "AccountClosed" }]);
}

function positions(lines: readonly string[]): readonly number[] {
  return lines.map((line) => (JSON.parse(line) as { position: number }).position);
}

test("an event is a line of text", async () => {
  await using store = await storeWith(
    ["account-1", { data: '{\n  "amount": 1\n}' }],
    ["account-1", { contentType: "image/png", data: new Uint8Array(3) }],
  );
  expect(await listed(store, {})).toEqual([
    '0  2026-01-31T12:00:00.000Z  account-1  0  AmountDeposited  {   "amount": 1 }',
    "1  2026-01-31T12:00:00.000Z  account-1  1  AmountDeposited  (3 bytes)",
  ]);
});

test("with json an event is an object on one line", async () => {
  const id = "01900000-0000-7000-8000-000000000001";
  await using store = await storeWith(["account-1", { id, data: '{"amount":1}', metadata: '{"actor":"ann"}' }]);
  const [line = ""] = await listed(store, { json: true });
  expect(JSON.parse(line)).toEqual({
    position: 0,
    stream: "account-1",
    version: 0,
    type: "AmountDeposited",
    schemaVersion: 1,
    id,
    time: "2026-01-31T12:00:00.000Z",
    contentType: "application/json",
    data: { amount: 1 },
    metadata: { actor: "ann" },
  });
});

test("json data keeps all digits of its numbers, and stays on one line", async () => {
  await using store = await storeWith(["account-1", { data: '{"amount":\n12345678901234567890.10}' }]);
  const [line] = await listed(store, { json: true });
  expect(line).toContain('"data":{"amount": 12345678901234567890.10},');
  expect(line).not.toContain("\n");
});

test("data that is no json is text, or base 64 under its own name", async () => {
  await using store = await storeWith(
    ["account-1", { data: "{broken" }],
    ["account-1", { contentType: "text/plain", data: "1" }],
    ["account-1", { contentType: "image/png", data: new Uint8Array([1, 2, 3]) }],
    ["account-1", { data: Buffer.from('{"bytes":true}') }],
  );
  const events = (await listed(store, { json: true })).map((line) => JSON.parse(line) as { data?: unknown; dataBase64?: string });
  expect(events.map(({ data, dataBase64 }) => data ?? { dataBase64 })).toEqual(["{broken", "1", { dataBase64: "AQID" }, { bytes: true }]);
});

test("a stream, a category, a type or everything is listed", async () => {
  await using store = await bank();
  expect(positions(await listed(store, { json: true }))).toEqual([0, 1, 2, 3]);
  expect(positions(await listed(store, { json: true, stream: "account-1" }))).toEqual([0, 3]);
  expect(positions(await listed(store, { json: true, category: "account" }))).toEqual([0, 1, 3]);
  expect(positions(await listed(store, { json: true, type: "OrderPlaced" }))).toEqual([2]);
  expect(await listed(store, { json: true, stream: "missing" })).toEqual([]);
});

test("listing begins at a place, in either direction, and ends at a limit", async () => {
  await using store = await bank();
  expect(positions(await listed(store, { json: true, from: 1, limit: 2 }))).toEqual([1, 2]);
  expect(positions(await listed(store, { json: true, backwards: true, limit: 2 }))).toEqual([3, 2]);
  expect(positions(await listed(store, { json: true, backwards: true, from: 1 }))).toEqual([1, 0]);
  expect(positions(await listed(store, { json: true, stream: "account-1", from: 1 }))).toEqual([3]);
});
