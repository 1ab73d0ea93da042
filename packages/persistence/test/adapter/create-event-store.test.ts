import { position } from "@reactive-domain/core";
import { currentRuntime, InvalidArgument } from "@reactive-domain/core";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import type { EventStore, NewEvent, ReadOptions, ReadSource } from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";

function newEvent(): NewEvent {
  return { id: currentRuntime().ids.next(), type: "Noted", schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
}

async function storeOf(count: number): Promise<EventStore> {
  const store = createInMemoryStore();
  for (let index = 0; index < count; index++) await store.append("a-1", [newEvent()], { expectedVersion: "any" });
  return store;
}

describe("what a read is asked for", () => {
  it.each([
    ["no source", undefined],
    ["an empty name", { stream: "" }],
    ["two sources at once", { stream: "a", category: "b" }],
    ["an unknown source", { streams: "a" }],
    ["all, but not true", { all: false }],
  ])("is refused at the call: %s", (_, source) => {
    expect(() => createInMemoryStore().read(source as never as ReadSource)).toThrow(
      "source must be one of { stream }, { category }, { eventType }",
    );
  });

  it.each<[string, object]>([
    ["a limit of 0", { limit: 0 }],
    ["a limit that is no integer", { limit: 1.5 }],
    ["too large a batch", { maxBatchEvents: 10_001 }],
    ["F1: a negative start", { from: { at: -1 } }],
    ["F2: a negative place backwards", { from: { after: -2 }, direction: "backwards" }],
    ["a place that is no integer", { from: { after: 0.5 } }],
    ["a direction that does not exist", { direction: "sideways" }],
    ["types that are no list", { filter: { types: "Noted" } }],
  ])("is refused at the call: %s", (_, options) => {
    expect(() => createInMemoryStore().read({ all: true }, options as ReadOptions<never>)).toThrow(InvalidArgument);
    expect(() => createInMemoryStore().subscribe({ all: true }, options as never)).toThrow(InvalidArgument);
  });
});

describe("a store", () => {
  it("refuses a limit of the size of events that is no number above 0", () => {
    expect(() => createInMemoryStore({ maxEventBytes: 0 })).toThrow("maxEventBytes must be an integer from 1, but is 0.");
  });

  it("lets the event loop turn between the pages of a long read", async () => {
    const store = await storeOf(300);
    let turns = 0;
    const count = (): void => {
      turns++;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    for await (const _ of store.read({ all: true }, { maxBatchEvents: 1 }));
    clearImmediate(immediate);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it("answers who asks for several events at once, in order", async () => {
    const store = await storeOf(5);
    const events = store.read({ all: true }, { maxBatchEvents: 2 })[Symbol.asyncIterator]();
    const answers = await Promise.all(Array.from({ length: 6 }, () => events.next()));
    expect(answers.map(({ done, value }) => (done === true ? "done" : value.position))).toEqual([0, 1, 2, 3, 4, "done"]);
  });

  it("does not read all that lies behind the end of a backward read", async () => {
    const store = await storeOf(2_000);
    const batches: number[] = [];
    const read = store.read({ all: true }, { direction: "backwards", limit: 2, upTo: { position: position(5) } });
    for await (const { events } of read.batches()) batches.push(...events.map((event) => event.position), -1);
    expect(batches).toEqual([5, 4, -1]);
  });

  it("tells what an acknowledged write survives", () => {
    expect(createInMemoryStore().durability).toBe("none: it lives as long as its process");
  });
});
