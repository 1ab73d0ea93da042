import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent } from "@reactive-domain/store-tests";
import { expect, test } from "vitest";
import { listStreams, type ListStreamsOptions } from "../../src/commands/list-streams.ts";
import { collectOutput } from "../collected-output.ts";

async function filledStore(): Promise<EventStore> {
  const store = createInMemoryStore();
  for (const stream of ["order-1", "account-10", "account-2", "account-10"])
    await store.append(stream, [newEvent()], { expectedVersion: "any" });
  return store;
}

async function linesOf(options: ListStreamsOptions): Promise<readonly string[]> {
  await using store = await filledStore();
  const output = collectOutput();
  await listStreams(store, options, output);
  return output.lines;
}

test("streams are listed by name with their events and version, in columns", async () => {
  expect(await linesOf({})).toEqual([
    "EVENTS  VERSION  STREAM", //
    "     2        1  account-10",
    "     1        0  account-2",
    "     1        0  order-1",
  ]);
});

test("a prefix and a limit leave streams out", async () => {
  expect(await linesOf({ prefix: "account-", limit: 1 })).toEqual(["EVENTS  VERSION  STREAM", "     2        1  account-10"]);
});

test("with json there is one object a line, and nothing else", async () => {
  const lines = await linesOf({ json: true, prefix: "account-" });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { stream: "account-10", category: "account", events: 2, version: 1 },
    { stream: "account-2", category: "account", events: 1, version: 0 },
  ]);
  expect(await linesOf({ json: true, prefix: "missing" })).toEqual([]);
});

test("a name cannot send commands to the terminal", async () => {
  await using store = createInMemoryStore();
  await store.append("red-\u001B[31m", [newEvent()], { expectedVersion: "any" });
  const output = collectOutput();
  await listStreams(store, {}, output);
  expect(output.lines[1]).toBe(String.raw`     1        0  red-\u001b[31m`);
});
