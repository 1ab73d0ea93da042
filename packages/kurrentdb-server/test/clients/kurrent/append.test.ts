import { binaryEvent, jsonEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { connect, numbered, numbersOf, waysToAppend } from "./connect.ts";

const IDS = [
  "00000000-0000-4000-8000-000000000001",
  "0fedcba9-8765-4321-8fed-cba987654321",
  "7fffffff-ffff-4fff-bfff-ffffffffffff",
  "80000000-0000-4000-8000-000000000000",
  "ffffffff-ffff-4fff-bfff-ffffffffffff",
];

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

    it("takes one event without a list", async () => {
      const client = await connect(open);
      await client.appendToStream("account-1", jsonEvent({ type: "opened", data: { owner: "Ann" } }), options);
      const entries = await collect(client.readStream("account-1"));
      expect(entries).toMatchObject([
        { event: { streamId: "account-1", revision: 0n, type: "opened", isJson: true, data: { owner: "Ann" }, metadata: undefined } },
      ]);
    });

    it("keeps ids whatever their bits are", async () => {
      const client = await connect(open);
      const events = IDS.map((id) => jsonEvent({ id, type: "counted", data: {} }));
      await client.appendToStream("account-1", events, options);
      const entries = await collect(client.readStream("account-1"));
      expect(entries.map(({ event }) => event?.id)).toEqual(IDS);
    });

    it("keeps JSON as it is", async () => {
      const client = await connect(open);
      const data = { text: "CC ‐ 1830 🦃", number: -1.5e-7, nested: { list: [1, null, true, "x"], empty: {} } };
      await client.appendToStream("account-1", jsonEvent({ type: "opened", data, metadata: { by: "Zoë", tags: ["a"] } }), options);
      await client.appendToStream("account-1", jsonEvent({ type: "opened", data: "CC ‐ 1830" }), options);
      await client.appendToStream("account-1", jsonEvent({ type: "opened", data: [1, 2] }), options);
      const entries = await collect(client.readStream("account-1"));
      expect(entries.map(({ event }) => [event?.isJson, event?.data, event?.metadata])).toEqual([
        [true, data, { by: "Zoë", tags: ["a"] }],
        [true, "CC ‐ 1830", undefined],
        [true, [1, 2], undefined],
      ]);
    });

    it("keeps bytes as they are, in data and in metadata", async () => {
      const client = await connect(open);
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const note = new TextEncoder().encode("How meta is this?");
      await client.appendToStream(
        "account-1",
        [
          binaryEvent({ type: "scanned", data: bytes, metadata: { page: 1 } }),
          binaryEvent({ type: "scanned", data: bytes, metadata: note }),
          binaryEvent({ type: "scanned", data: new Uint8Array() }),
          jsonEvent({ type: "opened", data: {}, metadata: note }),
        ],
        options,
      );
      const events = (await collect(client.readStream("account-1"))).map(({ event }) => event);
      expect(events.map((event) => event?.isJson)).toEqual([false, false, false, true]);
      expect(events.slice(0, 3).map((event) => Array.from(event?.data as Uint8Array))).toEqual([[...bytes], [...bytes], []]);
      expect(
        events.map((event) => (event?.metadata instanceof Uint8Array ? new TextDecoder().decode(event.metadata) : event?.metadata)),
      ).toEqual([{ page: 1 }, "How meta is this?", undefined, "How meta is this?"]);
    });

    it("dates events with the time of the append", async () => {
      const client = await connect(open);
      const before = Math.floor(Date.now() / 1000) * 1000;
      await client.appendToStream("account-1", numbered(1), options);
      const after = Date.now();
      const [entry] = await collect(client.readStream("account-1"));
      expect(entry?.event?.created.getTime()).toBeGreaterThanOrEqual(before);
      expect(entry?.event?.created.getTime()).toBeLessThanOrEqual(after);
    });

    it("goes to streams and types of any letters", async () => {
      const client = await connect(open);
      const names = ["konto-Ångström", "счёт-1", "口座-🦃", "a b/c?d=e&f#g%20", "no_dash", "UPPER-Case", "many-dashes-in-it"];
      for (const name of names) await client.appendToStream(name, jsonEvent({ type: `${name} geöffnet`, data: {} }), options);
      const read = await Promise.all(names.map((name) => collect(client.readStream(name))));
      expect(read.flat().map(({ event }) => [event?.streamId, event?.type])).toEqual(names.map((name) => [name, `${name} geöffnet`]));
    });

    it("of no events writes nothing", async () => {
      const client = await connect(open);
      const answers = [
        await client.appendToStream("account-1", [], { ...options, streamState: "no_stream" }),
        await client.appendToStream("account-1", [], { ...options, streamState: "any" }),
      ];
      expect(answers).toMatchObject([{ success: true }, { success: true }]);
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(expect.objectContaining({ type: "stream-not-found" }));
      await client.appendToStream("account-1", numbered(2), options);
      await client.appendToStream("account-1", [], { ...options, streamState: 1n });
      expect(await collect(client.readStream("account-1"))).toHaveLength(2);
    });

    it("may hold many events, all of them or none", async () => {
      const client = await connect(open);
      const { nextExpectedRevision } = await client.appendToStream("account-1", numbered(1000), options);
      expect(nextExpectedRevision).toBe(999n);
      const entries = await collect(client.readStream("account-1"));
      expect(entries.map(({ event }) => event?.data)).toEqual(numbered(1000).map(({ data }) => data));
    });
  });

  it("large batches in several pieces are one append", async () => {
    const client = await connect(open);
    const { nextExpectedRevision } = await client.appendToStream("account-1", numbered(100), { batchAppendSize: 500 });
    expect(nextExpectedRevision).toBe(99n);
    expect(await collect(client.readStream("account-1"))).toHaveLength(100);
  });

  it("256 callers at once are all answered, and each event is there once", async () => {
    const client = await connect(open);
    const callers = Array.from({ length: 256 }, (_, caller) => caller);
    const answers = await Promise.all(
      callers.map((caller) => client.appendToStream(`account-${caller % 16}`, jsonEvent({ type: "counted", data: { number: caller } }))),
    );
    const perStream = await Promise.all(callers.slice(0, 16).map((stream) => collect(client.readStream(`account-${stream}`))));
    const numbers = numbersOf(perStream.flat());
    expect(numbers.toSorted((a, b) => a - b)).toEqual(callers);
    expect(perStream.map((entries) => entries.map(({ event }) => event?.revision))).toEqual(
      perStream.map(() => Array.from({ length: 16 }, (_, revision) => BigInt(revision))),
    );
    expect(new Set(answers.map(({ position }) => position?.commit)).size).toBe(256);
  });

  it("appends of one caller to one stream keep their order though none is awaited", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", []);
    const answers = await Promise.all(numbered(50).map((event) => client.appendToStream("account-1", event)));
    expect(answers.map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual(answers.map((_, number) => BigInt(number)));
    const entries = await collect(client.readStream("account-1"));
    expect(entries.map(({ event }) => event?.data)).toEqual(numbered(50).map(({ data }) => data));
  });
});
