import {
  binaryEvent,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  jsonEvent,
} from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { serve } from "../serve.ts";
import { connect, connectTo, numbered, waysToAppend } from "./connect.ts";

describe.each(everyStore)("on $name", ({ open }) => {
  describe.each(waysToAppend)("an append $way", ({ options }) => {
    it("is done where the stream is as expected", async () => {
      const client = await connect(open);
      const revisions = [
        await client.appendToStream("account-1", numbered(1), { ...options, streamState: "no_stream" }),
        await client.appendToStream("account-1", numbered(1), { ...options, streamState: 0n }),
        await client.appendToStream("account-1", numbered(1), { ...options, streamState: "stream_exists" }),
        await client.appendToStream("account-1", numbered(1), { ...options, streamState: "any" }),
      ].map(({ nextExpectedRevision }) => nextExpectedRevision);
      expect(revisions).toEqual([0n, 1n, 2n, 3n]);
    });

    it.each([
      { had: 2, streamState: "no_stream" as const, actualState: 1n },
      { had: 2, streamState: 0n, actualState: 1n },
      { had: 2, streamState: 7n, actualState: 1n },
      { had: 0, streamState: 0n, actualState: "no_stream" as const },
      { had: 0, streamState: "stream_exists" as const, actualState: "no_stream" as const },
    ])(
      "that expects $streamState of a stream of $had events is refused, and nothing is written",
      async ({ had, streamState, actualState }) => {
        const client = await connect(open);
        await client.appendToStream("other-1", numbered(1));
        for (const event of numbered(had)) await client.appendToStream("account-1", event);
        const refusal = await refusalOf(client.appendToStream("account-1", numbered(2), { ...options, streamState }));
        expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
        expect(refusal).toMatchObject({ type: "wrong-expected-version", streamName: "account-1", expectedState: streamState, actualState });
        const all = (await collect(client.readAll())).filter(({ event }) => event?.streamId === "account-1");
        expect(all).toHaveLength(had);
      },
    );

    it("that repeats events is answered as the first one was, and writes nothing", async () => {
      const client = await connect(open);
      const events = numbered(4);
      const first = await client.appendToStream("account-1", events, { ...options, streamState: "no_stream" });
      await client.appendToStream("account-1", numbered(1), options);
      const again = [
        await client.appendToStream("account-1", events, { ...options, streamState: "no_stream" }),
        await client.appendToStream("account-1", events, { ...options, streamState: "any" }),
      ];
      expect(again.map(({ success, nextExpectedRevision }) => ({ success, nextExpectedRevision }))).toEqual([
        { success: true, nextExpectedRevision: first.nextExpectedRevision },
        { success: true, nextExpectedRevision: first.nextExpectedRevision },
      ]);
      expect(await collect(client.readStream("account-1"))).toHaveLength(5);
    });

    it("that repeats some of the events of another one writes nothing", async () => {
      const client = await connect(open);
      const events = numbered(3);
      await client.appendToStream("account-1", events, { ...options, streamState: "no_stream" });
      await client.appendToStream("account-1", events.slice(0, 1), { ...options, streamState: "no_stream" });
      await client.appendToStream("account-1", events.slice(1, 2), { ...options, streamState: "any" });
      await client.appendToStream("account-1", events.slice(1), { ...options, streamState: 0n });
      expect(await collect(client.readStream("account-1"))).toHaveLength(3);
    });

    it("that repeats events and adds one is refused", async () => {
      const client = await connect(open);
      const events = numbered(3);
      await client.appendToStream("account-1", events.slice(0, 2), { ...options, streamState: "no_stream" });
      const refusal = await refusalOf(client.appendToStream("account-1", events, { ...options, streamState: "no_stream" }));
      expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
      expect(await collect(client.readStream("account-1"))).toHaveLength(2);
    });

    it("that repeats an event with its id in other letters writes nothing", async () => {
      const client = await connect(open);
      const id = "abcdefab-cdef-4abc-8def-abcdefabcdef";
      await client.appendToStream("account-1", jsonEvent({ id: id.toUpperCase(), type: "counted", data: {} }), options);
      await client.appendToStream("account-1", jsonEvent({ id, type: "counted", data: {} }), options);
      expect((await collect(client.readStream("account-1"))).map(({ event }) => event?.id)).toEqual([id]);
    });

    it("with an id that is none is refused, and the others are done", async () => {
      const client = await connect(open);
      const outcomes = await Promise.allSettled(
        [...numbered(5), jsonEvent({ id: "not-a-uuid", type: "counted", data: {} }), ...numbered(5)].map((event) =>
          client.appendToStream("account-1", event, options),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual([
        ...Array<string>(5).fill("fulfilled"),
        "rejected",
        ...Array<string>(5).fill("fulfilled"),
      ]);
      expect(await collect(client.readStream("account-1"))).toHaveLength(10);
    });

    it("with the id of an event of another stream is no repetition", async () => {
      const client = await connect(open);
      const events = numbered(1);
      await client.appendToStream("account-1", events, options);
      await client.appendToStream("account-2", events, options);
      expect(await collect(client.readStream("account-2"))).toHaveLength(1);
    });

    it("of more bytes than the server takes is refused with the limit, and the next one is done", async () => {
      const client = await connect(open, { maxAppendBytes: 10_000 });
      const event = jsonEvent({ type: "large", data: { text: "x".repeat(20_000) } });
      const refusal = await refusalOf(client.appendToStream("account-1", event, options));
      expect(refusal).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(refusal).toMatchObject({ type: "maximum-append-size-exceeded", maxAppendSize: 10_000 });
      expect(await client.appendToStream("account-1", numbered(1), options)).toMatchObject({ nextExpectedRevision: 0n });
    });

    it("may have a megabyte unless the server is told otherwise", async () => {
      const client = await connect(open);
      const text = "x".repeat(1_000_000);
      await client.appendToStream("account-1", jsonEvent({ type: "large", data: { text } }), options);
      const [entry] = await collect(client.readStream("account-1"));
      expect(entry?.event?.data).toEqual({ text });
      const refusal = await refusalOf(
        client.appendToStream("account-1", jsonEvent({ type: "large", data: { text: `${text}${text}` } }), options),
      );
      expect(refusal).toMatchObject({ type: "maximum-append-size-exceeded", maxAppendSize: 1024 * 1024 });
    });

    it("that the server takes and its store does not, as with what the store adds to an event, is refused with the limit too", async () => {
      const client = await connect(open);
      const data = Buffer.alloc(1024 * 1024, "x");
      const refusal = await refusalOf(client.appendToStream("account-1", binaryEvent({ type: "large", data }), options));
      expect(refusal).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(refusal).toMatchObject({ type: "maximum-append-size-exceeded", maxAppendSize: 1024 * 1024 });
    });

    it("whose time is over is refused and not written", async () => {
      const client = await connect(open);
      const refusal = await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, deadline: -1000 }));
      expect(refusal).toBeInstanceOf(DeadlineExceededError);
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
    });

    it.each(["any", "no_stream", "stream_exists", 0n, 5n] as const)(
      "to a tombstoned stream is refused whatever it expects: %s",
      async (streamState) => {
        const client = await connect(open);
        await client.appendToStream("account-1", numbered(1), options);
        await client.tombstoneStream("account-1");
        const refusal = await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, streamState }));
        expect(refusal).toBeInstanceOf(StreamDeletedError);
        expect(refusal).toMatchObject({ type: "stream-deleted", streamName: "account-1" });
      },
    );
  });

  it("a refusal is an answer to a client that asked for no errors", async () => {
    const { url } = await serve(open);
    const client = connectTo(`${url}&throwOnAppendFailure=false`);
    const [, { options: plain }] = waysToAppend;
    await client.appendToStream("account-1", numbered(3));
    const answers = [
      await client.appendToStream("account-1", numbered(1), { ...plain, streamState: "no_stream" }),
      await client.appendToStream("account-2", numbered(1), { ...plain, streamState: "stream_exists" }),
      await client.appendToStream("account-2", numbered(1), { streamState: "stream_exists" }),
    ];
    expect(answers).toEqual([
      { success: false, nextExpectedRevision: 2n, position: undefined },
      { success: false, nextExpectedRevision: -1n, position: undefined },
      { success: false, nextExpectedRevision: -1n, position: undefined },
    ]);
    expect(await client.appendToStream("account-1", numbered(1), { streamState: "no_stream" })).toMatchObject({ success: false });
  });

  it("of 64 callers that expect the same revision one wins, and the others are told", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 64 }, () => client.appendToStream("account-1", numbered(1), { streamState: 0n })),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    expect(refused).toHaveLength(63);
    expect(refused.every((reason) => reason instanceof WrongExpectedVersionError && reason.actualState === 1n)).toBe(true);
    expect(await collect(client.readStream("account-1"))).toHaveLength(2);
  });
});
