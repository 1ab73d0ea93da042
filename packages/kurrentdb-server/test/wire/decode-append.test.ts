import { describe, expect, it } from "vitest";
import { decodeAppendRequest, decodeBatchPiece } from "../../src/wire/decode-append.ts";

const EVENT = Buffer.from([0x12, 3, 0x22, 1, 0x7b]);

describe("bytes of an append", () => {
  it("are no message where a field has the number 0: what stands behind it would be lost", () => {
    expect(decodeAppendRequest(EVENT).message?.data?.toString()).toBe("{");
    expect(() => decodeAppendRequest(Buffer.concat([Buffer.from([0]), EVENT]))).toThrow("no protobuf message");
    expect(() => decodeAppendRequest(Buffer.concat([Buffer.from([2, 1, 0]), EVENT]))).toThrow("no protobuf message");
    expect(() => decodeBatchPiece(Buffer.concat([Buffer.from([0]), EVENT]))).toThrow("no protobuf message");
  });
});
