import { position, version, type ExpectedVersion } from "@reactive-domain/core";
import { EventAlreadyRecorded, WrongExpectedVersion, type NewEvent, type WriteItem } from "@reactive-domain/persistence";
import { lastPosition, planWrite, type EventPlace, type StoreView } from "@reactive-domain/persistence/adapter";
import { describe, expect, it } from "vitest";

/** A store that holds these streams, each told by the ids of its events; positions are ten apart. */
function storeOf(streams: Readonly<Record<string, readonly string[]>>): StoreView {
  const placeOf = (stream: string, id: string): EventPlace | undefined => {
    const index = streams[stream]?.indexOf(id) ?? -1;
    return index === -1 ? undefined : { version: version(index), position: position(index * 10) };
  };
  return {
    head: (stream) =>
      streams[stream] === undefined
        ? { state: "missing", lastVersion: null }
        : { state: "live", lastVersion: version(streams[stream].length - 1) },
    find: placeOf,
  };
}

function append(stream: string, ids: readonly string[], expectedVersion: ExpectedVersion = "any"): WriteItem {
  const events = ids.map((id): NewEvent => ({
    id,
    type: "Noted",
    schemaVersion: 1,
    contentType: "application/json",
    data: "{}",
    metadata: "{}",
  }));
  return { kind: "append", stream, events, expectedVersion };
}

const view = storeOf({ "a-1": ["a", "b", "c"], "a-2": ["x"] });

describe("planning a write", () => {
  it("tells that it is to be carried out, where nothing of it is recorded and the versions are right", () => {
    expect(planWrite([append("a-1", ["d"], version(2)), append("a-3", ["d"], "noStream")], view)).toBeUndefined();
  });

  it("holds streams that are only looked at to what is expected of them", () => {
    const expectations = (last: number): readonly WriteItem[] => [
      { kind: "expect", stream: "a-1", expectedVersion: version(last) },
      append("a-3", ["d"], "noStream"),
    ];
    expect(planWrite(expectations(2), view)).toBeUndefined();
    expect(() => planWrite(expectations(1), view)).toThrow(WrongExpectedVersion);
    expect(planWrite([{ kind: "expect", stream: "a-2", expectedVersion: version(7) }, append("a-1", ["b"])], view)).toMatchObject({
      position: 10,
      repeated: true,
    });
  });

  it("F15: gives the first outcome, where all of it is recorded, whatever the versions are", () => {
    const outcome = planWrite([append("a-2", ["x"], "noStream"), append("a-1", ["b", "c"], version(9))], view);
    expect(outcome).toEqual({
      position: 20,
      streams: [
        { stream: "a-2", version: 0, position: 0 },
        { stream: "a-1", version: 2, position: 20 },
      ],
      repeated: true,
    });
  });

  it.each([
    ["some events are recorded and others are not", ["c", "d"]],
    ["the new come before the recorded", ["d", "c"]],
    ["the order is another", ["b", "a"]],
    ["one between them is left out", ["a", "c"]],
  ])("F15: refuses a write of which %s", (_, ids) => {
    expect(() => planWrite([append("a-1", ids)], view)).toThrow(EventAlreadyRecorded);
  });

  it("F15: refuses a write that is recorded in one stream and new in another", () => {
    expect(() => planWrite([append("a-3", ["n"]), append("a-2", ["x"])], view)).toThrow("Event x is in stream a-2 already, as version 0");
  });

  it.each([
    ["noStream", "a-1", "noStream", 2],
    ["exists", "a-3", "exists", null],
    ["a version that is behind", "a-1", version(1), 2],
    ["a version that is ahead", "a-1", version(3), 2],
    ["a version of a stream that does not exist", "a-3", version(0), null],
  ] as const)("F4: refuses %s", (_, stream, expected, actual) => {
    const plan = (): unknown => planWrite([append("a-2", ["y"]), append(stream, ["n"], expected)], view);
    expect(plan).toThrow(WrongExpectedVersion);
    expect(plan).toThrow(expect.objectContaining({ stream, expected, actual }) as Error);
  });

  it("tells an overlap before a conflict of the same stream: repeating it with another version would not help", () => {
    expect(() => planWrite([append("a-1", ["c", "d"], "noStream")], view)).toThrow(EventAlreadyRecorded);
  });
});

describe("the position of a write", () => {
  it("is the highest of its streams, in whatever order they are named", () => {
    const result = (place: number): { stream: string; version: ReturnType<typeof version>; position: ReturnType<typeof position> } => ({
      stream: `a-${place}`,
      version: version(0),
      position: position(place),
    });
    expect(lastPosition([result(4), result(9), result(7)])).toBe(9);
  });
});
