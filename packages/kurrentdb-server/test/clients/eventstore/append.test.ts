import {
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  binaryEvent,
  jsonEvent,
} from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered, numbersOf, waysToAppend } from "./connect.ts";

const IDS = [
  "0fedcba9-8765-4321-8fed-cba987654321",
  "80000000-0000-4000-8000-000000000000",
  "ffffffff-ffff-4fff-bfff-ffffffffffff",
] as const;

describe.each(everyStore)("on $name", ({ open }) => {
  describe.each(waysToAppend)("an append $way", ({ options }) => {
    it("tells the last revision of the stream and the position of the last event", async () => {
      const client = await connect(open);
      const first = await client.appendToStream("account-1", numbered(3), options);
      const second = await client.appendToStream("account-1", numbered(1), options);
      const entries = await collect(client.readStream("account-1"));
      expect([first, second]).toEqual([
        { success: true, nextExpectedRevision: 2n, position: entries[2]?.event?.position },
        { success: true, nextExpectedRevision: 3n, position: entries[3]?.event?.position },
      ]);
      expect(entries.map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n, 3n]);
    });

    it("keeps ids, names of any letters, JSON and bytes as they are, and the time to a millisecond", async () => {
      const client = await connect(open);
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const note = new TextEncoder().encode("How meta is this?");
      const [one, two, three] = IDS;
      const before = Date.now();
      await client.appendToStream(
        "счёт-🦃 a/b@c",
        [
          jsonEvent({ id: one, type: "открыт", data: { text: "CC ‐ 1830", list: [1, null] }, metadata: { by: "Zoë" } }),
          binaryEvent({ id: two, type: "scanned", data: bytes, metadata: note }),
          jsonEvent({ id: three, type: "noted", data: "text alone" }),
        ],
        options,
      );
      const after = Date.now();
      const events = (await collect(client.readStream("счёт-🦃 a/b@c"))).map(({ event }) => event);
      expect(events).toMatchObject([
        {
          streamId: "счёт-🦃 a/b@c",
          id: one,
          type: "открыт",
          isJson: true,
          data: { text: "CC ‐ 1830", list: [1, null] },
          metadata: { by: "Zoë" },
        },
        { id: two, type: "scanned", isJson: false },
        { id: three, type: "noted", isJson: true, data: "text alone", metadata: undefined },
      ]);
      expect(Array.from(events[1]?.data as Uint8Array)).toEqual([...bytes]);
      expect(Array.from(events[1]?.metadata as Uint8Array)).toEqual([...note]);
      const times = events.map((event) => event?.created.getTime() ?? 0);
      expect(times.every((time) => time >= before && time <= after)).toBe(true);
    });

    it("is done where the stream is as expected", async () => {
      const client = await connect(open);
      const revisions = [
        await client.appendToStream("account-1", numbered(1), { ...options, expectedRevision: "no_stream" }),
        await client.appendToStream("account-1", numbered(1), { ...options, expectedRevision: 0n }),
        await client.appendToStream("account-1", numbered(1), { ...options, expectedRevision: "stream_exists" }),
        await client.appendToStream("account-1", numbered(1), { ...options, expectedRevision: "any" }),
      ].map(({ nextExpectedRevision }) => nextExpectedRevision);
      expect(revisions).toEqual([0n, 1n, 2n, 3n]);
    });

    it.each([
      { had: 2, expectedRevision: "no_stream" as const, actualVersion: 1n },
      { had: 2, expectedRevision: 0n, actualVersion: 1n },
      { had: 0, expectedRevision: 5n, actualVersion: "no_stream" as const },
      { had: 0, expectedRevision: "stream_exists" as const, actualVersion: "no_stream" as const },
    ])(
      "that expects $expectedRevision of a stream of $had events is refused, and nothing is written",
      async ({ had, expectedRevision, actualVersion }) => {
        const client = await connect(open);
        for (const event of numbered(had)) await client.appendToStream("account-1", event);
        const refusal = await refusalOf(client.appendToStream("account-1", numbered(2), { ...options, expectedRevision }));
        expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
        expect(refusal).toMatchObject({
          type: "wrong-expected-version",
          streamName: "account-1",
          expectedVersion: expectedRevision,
          actualVersion,
        });
        expect(await collect(client.readAll())).toHaveLength(had);
      },
    );

    it("that repeats events writes nothing, and one that adds to them is refused", async () => {
      const client = await connect(open);
      const events = numbered(3);
      await client.appendToStream("account-1", events.slice(0, 2), { ...options, expectedRevision: "no_stream" });
      const again = await client.appendToStream("account-1", events.slice(0, 2), { ...options, expectedRevision: "no_stream" });
      const any = await client.appendToStream("account-1", events.slice(0, 2), options);
      const behind = await client.appendToStream("account-1", events.slice(1, 2), { ...options, expectedRevision: 0n });
      expect([again, any, behind].map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual([1n, 1n, 1n]);
      expect(await refusalOf(client.appendToStream("account-1", events, { ...options, expectedRevision: "no_stream" }))).toBeInstanceOf(
        WrongExpectedVersionError,
      );
      expect(await collect(client.readStream("account-1"))).toHaveLength(2);
    });

    it("of no events writes nothing", async () => {
      const client = await connect(open);
      expect(await client.appendToStream("account-1", [], { ...options, expectedRevision: "no_stream" })).toMatchObject({ success: true });
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
    });

    it("of more bytes than the server takes is refused with the limit, and the next one is done", async () => {
      const client = await connect(open, { maxAppendBytes: 10_000 });
      const refusal = await refusalOf(
        client.appendToStream("account-1", jsonEvent({ type: "large", data: { text: "x".repeat(20_000) } }), options),
      );
      expect(refusal).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(refusal).toMatchObject({ maxAppendSize: 10_000 });
      expect(await client.appendToStream("account-1", numbered(1), options)).toMatchObject({ nextExpectedRevision: 0n });
    });

    it("whose time is over is refused and not written", async () => {
      const client = await connect(open);
      expect(await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, deadline: -1000 }))).toBeInstanceOf(
        DeadlineExceededError,
      );
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
    });

    it("to a tombstoned stream is refused whatever it expects", async () => {
      const client = await connect(open);
      await client.tombstoneStream("account-1", { expectedRevision: "no_stream" });
      for (const expectedRevision of ["any", "no_stream", "stream_exists", 5n] as const) {
        const refusal = await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, expectedRevision }));
        expect(refusal).toBeInstanceOf(StreamDeletedError);
        expect(refusal).toMatchObject({ streamName: "account-1" });
      }
    });
  });

  it("256 callers at once are all answered, and each event is there once", async () => {
    const client = await connect(open);
    const callers = Array.from({ length: 256 }, (_, caller) => caller);
    const answers = await Promise.all(
      callers.map((caller) => client.appendToStream(`account-${caller % 16}`, jsonEvent({ type: "counted", data: { number: caller } }))),
    );
    const numbers = numbersOf(await collect(client.readAll()));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(callers);
    expect(new Set(answers.map(({ position }) => position?.commit)).size).toBe(256);
  });

  it("large events in several pieces are one append", async () => {
    const client = await connect(open);
    const text = "x".repeat(300_000);
    const events = Array.from({ length: 3 }, () => jsonEvent({ type: "large", data: { text } }));
    await client.appendToStream("account-1", events, { batchAppendSize: 400_000 });
    expect((await collect(client.readStream("account-1"))).map(({ event }) => event?.data)).toEqual([{ text }, { text }, { text }]);
  });
});
