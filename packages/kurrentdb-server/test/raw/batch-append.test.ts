import { once } from "node:events";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import { version } from "@reactive-domain/core";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  answersOf,
  answersTo,
  any,
  inWords,
  noStream,
  piece,
  structuredUuid,
  textUuid,
  until,
  within,
  type BatchAppendResp,
} from "./raw-appends.ts";
import { rawClient } from "./raw-client.ts";
import { serve } from "./serve.ts";

const HOUR = 3_600;

async function typesOf(store: Awaited<ReturnType<typeof serve>>["store"], stream: string): Promise<readonly string[]> {
  const events = [];
  for await (const { type } of store.read({ stream })) events.push(type);
  return events;
}

/** A number that has been the same for a while. */
async function atRest(look: () => Promise<number>): Promise<number> {
  let [before, same] = [Number.NaN, 0];
  return vi.waitUntil(
    async () => {
      const now = await look();
      same = now === before ? same + 1 : 0;
      before = now;
      return same === 10 ? now : undefined;
    },
    { timeout: 9_000, interval: 30 },
  );
}

describe("an append that comes in pieces", () => {
  it("is written as one when its last piece is there, whatever comes in between", async () => {
    const { client, store } = await serve();
    const [a, b] = [textUuid(), textUuid()];
    const answers = await answersTo(client, [
      piece({ id: a, stream: "a", events: [{ type: "A1" }, { type: "A2" }], isFinal: false }),
      piece({ id: b, stream: "b", events: [{ type: "B1" }], isFinal: false }),
      piece({ id: a, events: [{ type: "A3" }], isFinal: false }),
      piece({ id: b, events: [{ type: "B2" }] }),
      piece({ id: a, events: [] }),
    ]);
    expect(answers).toEqual(["b at 1 (1)", "a at 2 (4)"]);
    expect(await typesOf(store, "a")).toEqual(["A1", "A2", "A3"]);
  });

  it("is refused, once, where the client never finishes it, begins it twice or goes on with what it never began", async () => {
    const { client, store } = await serve();
    const [unfinished, twice, unknown] = [textUuid(), textUuid(), textUuid()];
    const answers = await answersTo(client, [
      piece({ id: unfinished, stream: "a", isFinal: false }),
      piece({ id: twice, stream: "b", isFinal: false }),
      piece({ id: twice, stream: "c", isFinal: false }),
      piece({ id: twice, events: [{}] }),
      piece({ id: unknown, events: [{}], isFinal: false }),
      piece({ id: unknown, events: [{}] }),
      piece({ id: null, stream: "d" }),
      piece({ stream: "e" }),
    ]);
    expect(answers.toSorted()).toEqual([
      " refused: BadRequest",
      "a refused: BadRequest",
      "b refused: BadRequest",
      "d refused: BadRequest",
      "e at 0 (0)",
    ]);
    expect((await store.streamInfo("b")).state).toBe("missing");
  });

  it("is refused as soon as it is too large, and the call goes on", async () => {
    const { client, store } = await serve({ maxAppendBytes: 1_000 });
    const id = textUuid();
    const large = { data: JSON.stringify("x".repeat(600)) };
    const answers = await answersTo(client, [
      piece({ id, stream: "a", events: [large], isFinal: false }),
      piece({ id, events: [large], isFinal: false }),
      piece({ id, events: [large] }),
      piece({ id, stream: "a", events: [large] }),
    ]);
    expect(answers).toEqual(["a refused: MaximumAppendSizeExceeded", "a at 0 (0)"]);
    expect((await store.streamInfo("a")).lastVersion).toBe(0);
  });
});

describe("an answer", () => {
  it("has the id of its append in the form in which it came", async () => {
    const { client } = await serve();
    const call = client.batchAppend();
    call.write(piece({ id: structuredUuid("-1", "-9223372036854775808"), stream: "a" }));
    call.end();
    const ids = [];
    for await (const answer of call) ids.push((answer as BatchAppendResp).getCorrelationId()?.toObject().structured);
    expect(ids).toEqual([{ mostSignificantBits: "-1", leastSignificantBits: "-9223372036854775808" }]);
  });

  it("comes as soon as the append is done, and in the order of the appends to a stream", async () => {
    const { client } = await serve();
    const call = client.batchAppend();
    const answers: string[] = [];
    call.on("data", (answer: BatchAppendResp) => answers.push(inWords(answer)));
    call.write(piece({ stream: "a" }));
    await vi.waitFor(() => expect(answers).toEqual(["a at 0 (0)"]));
    for (let count = 0; count < 300; count++) call.write(piece({ stream: "a" }));
    await vi.waitFor(() => expect(answers).toHaveLength(301));
    expect(answers).toEqual(Array.from({ length: 301 }, (_, at) => `a at ${at} (${at})`));
    call.end();
    await once(call, "end");
  });

  it("tells what is wrong in the details that clients know, and the call goes on", async () => {
    const { client, store } = await serve();
    await store.append("gone", [newEvent()], { expectedVersion: "noStream" });
    await store.write([{ kind: "tombstone", stream: "gone", expectedVersion: version(0) }]);
    const answers = await answersTo(client, [
      piece({ stream: "a", expected: noStream }),
      piece({ stream: "a", expected: noStream }),
      piece({ stream: "gone" }),
      piece({ stream: "$ce-a" }),
      piece({ stream: "$all" }),
      piece({ stream: "" }),
      piece({ stream: "a", expected: () => undefined }),
      piece({ stream: "a", events: [{ type: null }] }),
      piece({ stream: "a", events: [{ id: null }] }),
      piece({ stream: "a", events: [{ id: textUuid("no id") }] }),
      piece({ stream: "$$a", events: [{ type: "$metadata", data: "[]" }] }),
      piece({ stream: "none", events: [] }),
      piece({ stream: "a", events: [] }),
    ]);
    expect(answers.toSorted()).toEqual(
      [
        "a at 0 (1)",
        "a refused: WrongExpectedVersion",
        "gone refused: StreamDeleted",
        "$ce-a refused: AccessDenied",
        "$all refused: AccessDenied",
        " refused: BadRequest",
        "a refused: BadRequest",
        "a refused: BadRequest",
        "a refused: BadRequest",
        "a refused: BadRequest",
        "$$a refused: BadRequest",
        "none is none",
        "a at 0",
      ].toSorted(),
    );
  });

  it("tells both revisions of a conflict", async () => {
    const { client } = await serve();
    const call = client.batchAppend();
    call.write(piece({ stream: "a" }));
    call.write(piece({ stream: "a", expected: (options) => options.setStreamPosition("7") }));
    call.end();
    const errors = [];
    for await (const answer of call) errors.push((answer as BatchAppendResp).getError());
    const unpack = (bytes: Uint8Array): unknown => shared.WrongExpectedVersion.deserializeBinary(bytes).toObject();
    expect(errors.flatMap((error) => (error ? [unpack(error.getDetails()?.getValue_asU8() ?? new Uint8Array())] : []))).toEqual([
      expect.objectContaining({ currentStreamRevision: "0", expectedStreamPosition: "7" }),
    ]);
  });
});

describe("a deadline", () => {
  it("that has passed leaves nothing written", async () => {
    const { client, store } = await serve();
    const now = Date.now();
    const answers = await answersTo(client, [
      piece({ stream: "a", expected: until(now - 1_000) }),
      piece({ stream: "a", expected: within(-1) }),
      piece({ stream: "a", expected: within(0) }),
      piece({ stream: "b", expected: until(now + HOUR * 1_000) }),
      piece({ stream: "c", expected: within(HOUR) }),
      piece({ stream: "d", expected: any }),
    ]);
    expect(answers.toSorted()).toEqual([
      "a refused: Timeout",
      "a refused: Timeout",
      "a refused: Timeout",
      "b at 0 (0)",
      "c at 0 (1)",
      "d at 0 (2)",
    ]);
    expect((await store.streamInfo("a")).state).toBe("missing");
  });
});

describe("a call", () => {
  it("beside many others is nothing to be warned of", async () => {
    const { server } = await serve();
    const warnings: Error[] = [];
    const listen = (warning: Error): number => warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const calls = Array.from({ length: 20 }, () => rawClient(server).batchAppend());
    for (const call of calls) call.write(piece({ stream: "a" }));
    await Promise.all(calls.map((call) => once(call, "data")));
    for (const call of calls) call.end();
    await Promise.all(calls.map((call) => once(call, "end")));
    expect(warnings).toEqual([]);
  });

  it("ends with an error where its bytes are no message, and the server goes on", async () => {
    const { client } = await serve();
    const call = client.makeBidiStreamRequest(
      "/event_store.client.streams.Streams/BatchAppend",
      () => Buffer.from([0x12, 0xff]),
      (bytes: Buffer) => bytes,
    );
    call.write({});
    expect(await answersOf(call)).toEqual([expect.stringMatching(/^ended 13 /)]);
    expect(await answersTo(client, [piece({ stream: "a" })])).toEqual(["a at 0 (0)"]);
  });

  it("whose client reads no answers is read no more, until it does", async () => {
    const { client, store } = await serve();
    const call = client.batchAppend();
    const sent = 6_000;
    for (let count = 0; count < sent; count++) call.write(piece({ stream: "a", events: [{ data: "1" }] }));
    call.end();
    // A client of grpc-js holds back what comes only when it has begun to read.
    await once(call, "readable");
    const written = await atRest(async () => (await store.streamInfo("a")).lastVersion ?? 0);
    expect(written).toBeLessThan(sent / 2);
    expect(await answersOf(call)).toEqual(Array.from({ length: sent }, (_, at) => `a at ${at} (${at})`));
  }, 30_000);

  it("whose client leaves is over, and what it had begun to send is not written", async () => {
    const { client, store } = await serve();
    const call = client.batchAppend();
    const ended = answersOf(call);
    call.write(piece({ stream: "a", isFinal: false }));
    call.cancel();
    expect(await ended).toEqual(["ended 1 Cancelled on client"]);
    expect(await answersTo(client, [piece({ stream: "b" })])).toEqual(["b at 0 (0)"]);
    expect((await store.streamInfo("a")).state).toBe("missing");
  });
});
