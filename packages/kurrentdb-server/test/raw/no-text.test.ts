import { status, type ServiceError } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import { describe, expect, it } from "vitest";
import { answersTo, appendEvent, appendOptions, piece, plainAppend } from "./raw-appends.ts";
import { inWords, outcomeOf, readStream, subscription } from "./raw-client.ts";
import { serve } from "./serve.ts";

/** An `a`, and a byte that no UTF-8 has. */
const NO_TEXT = Buffer.from([0x61, 0xff]);
const REPLACED = "a\uFFFD";

function named<T extends { setStreamName(name: string): void }>(identifier: T | undefined): T {
  if (identifier === undefined) throw new Error("The request has no stream.");
  identifier.setStreamName(NO_TEXT.toString("base64"));
  return identifier;
}

describe("a name of a stream that is no UTF-8", () => {
  it("is refused where it is written, and is not taken for another one", async () => {
    const { client, store } = await serve();
    expect(await plainAppend(client, [appendOptions(REPLACED), appendEvent()])).toBe("at 0");
    const options = appendOptions("a");
    named(options.getOptions()?.getStreamIdentifier());
    expect(await plainAppend(client, [options, appendEvent()])).toBe("3");
    const whole = piece({ stream: "a" });
    named(whole.getOptions()?.getStreamIdentifier());
    expect(await answersTo(client, [whole])).toEqual([`${REPLACED} refused: BadRequest`]);
    expect((await store.streamInfo(REPLACED)).lastVersion).toBe(0);
  });

  it.each(["delete", "tombstone"] as const)("is refused by %s", async (call) => {
    const { client } = await serve();
    const Request = call === "delete" ? streams.DeleteReq : streams.TombstoneReq;
    const options = new Request.Options();
    options.setStreamIdentifier(named(new shared.StreamIdentifier()));
    options.setAny(new shared.Empty());
    const request = new Request();
    request.setOptions(options);
    const error = await new Promise<ServiceError | null>((resolve) => {
      client[call](request, (failed: ServiceError | null) => resolve(failed));
    });
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
  });

  it.each([
    ["a read", []],
    ["a subscription", [subscription]],
  ])("is refused by %s", async (_name, changes) => {
    const { client } = await serve();
    const request = readStream("a", ...changes);
    named(request.getOptions()?.getStream()?.getStreamIdentifier());
    const { messages, error } = await outcomeOf(client.read(request));
    expect(messages.map(inWords)).toEqual([]);
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
  });
});

describe("a replacement character", () => {
  it("that was sent as such is a character like others", async () => {
    const { client } = await serve();
    await plainAppend(client, [appendOptions(REPLACED), appendEvent({ type: REPLACED })]);
    const { messages } = await outcomeOf(client.read(readStream(REPLACED)));
    expect(messages.map(inWords)).toEqual([`0@${REPLACED}`]);
  });
});
