import { describe, expect, it } from "vitest";
import { newEvent } from "@reactive-domain/store-tests";
import { answersTo, noStream, piece } from "./raw-appends.ts";
import { serve } from "./serve.ts";

const metadata = (data: string): { type: string; data: string } => ({ type: "$metadata", data });

describe("what is written about a stream", () => {
  it("holds in the store, and its last event is shown", async () => {
    const { client, store } = await serve();
    await store.append("a", [newEvent(), newEvent(), newEvent()], { expectedVersion: "noStream" });
    const data = '{"$maxCount":2,"$maxAge":60,"$tb":1,"$acl":{"$r":"all"},"own":1}';
    expect(await answersTo(client, [piece({ stream: "$$a", events: [metadata('{"$maxCount":9}'), metadata(data)] })])).toEqual([
      "$$a at 1 (4)",
    ]);
    expect(await store.streamInfo("a")).toMatchObject({
      firstVersion: 1,
      metadata: { maxCount: 2, maxAgeMs: 60_000, truncateBefore: 1, custom: { $acl: { $r: "all" }, own: 1 } },
    });
    expect(await store.streamInfo("$$a")).toMatchObject({ firstVersion: 1, lastVersion: 1 });
  });

  it("says nothing more where it has no keys", async () => {
    const { client, store } = await serve();
    expect(
      await answersTo(client, [
        piece({ stream: "$$a", events: [metadata('{"$maxCount":9,"own":1}')] }),
        piece({ stream: "$$a", events: [metadata("{}")] }),
      ]),
    ).toEqual(["$$a at 0 (0)", "$$a at 1 (1)"]);
    expect((await store.streamInfo("a")).metadata).toEqual({});
  });

  it("is written in the order in which it was sent", async () => {
    const { client, store } = await serve();
    const pieces = Array.from({ length: 20 }, (_, at) => piece({ stream: "$$a", events: [metadata(`{"$maxCount":${at + 1}}`)] }));
    expect(await answersTo(client, pieces)).toEqual(pieces.map((_, at) => `$$a at ${at} (${at})`));
    expect((await store.streamInfo("a")).metadata).toEqual({ maxCount: 20 });
  });

  it("may expect something of what was said, not of the stream", async () => {
    const { client, store } = await serve();
    await store.append("a", [newEvent()], { expectedVersion: "noStream" });
    const said = { stream: "$$a", events: [metadata("{}")], expected: noStream };
    expect(await answersTo(client, [piece(said), piece(said)])).toEqual(["$$a at 0 (1)", "$$a refused: WrongExpectedVersion"]);
  });

  it.each([
    ["an event of another type", { type: "Said", data: "{}" }],
    ["what is no JSON object", metadata("[]")],
    ["a count that is none", metadata('{"$maxCount":0}')],
    ["bytes", { ...metadata("{}"), contentType: "application/octet-stream" }],
  ])("is refused with nothing written where it is %s", async (_, event) => {
    const { client, store } = await serve();
    expect(await answersTo(client, [piece({ stream: "$$a", events: [metadata("{}"), event] })])).toEqual(["$$a refused: BadRequest"]);
    expect((await store.streamInfo("$$a")).state).toBe("missing");
  });

  it("is about a stream that has a name, and tells of no other", async () => {
    const { client } = await serve();
    const events = [metadata("{}")];
    expect(
      await answersTo(client, [piece({ stream: "$$", events }), piece({ stream: "$$$$a", events }), piece({ stream: "$$$et-A", events })]),
    ).toEqual(["$$ refused: BadRequest", "$$$$a refused: BadRequest", "$$$et-A refused: AccessDenied"]);
  });

  it("deletes the stream where it hides all that will ever be there, and brings none of its events back", async () => {
    const { client, store } = await serve();
    await store.append("a", [newEvent(), newEvent()], { expectedVersion: "noStream" });
    const deletes = piece({ stream: "$$a", events: [metadata('{"$tb":9223372036854775807}')] });
    expect(await answersTo(client, [deletes])).toEqual(["$$a at 0 (2)"]);
    expect((await store.streamInfo("a")).state).toBe("deleted");
    expect(await answersTo(client, [piece({ stream: "$$a", events: [metadata('{"$maxCount":5}')] }), piece({ stream: "a" })])).toContain(
      "a at 2 (4)",
    );
    expect((await store.streamInfo("a")).firstVersion).toBe(2);
  });
});
