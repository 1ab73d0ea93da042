import { StreamDeletedError, StreamNotFoundError, WrongExpectedVersionError, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered, waysToAppend } from "./connect.ts";

async function revisionsOf(entries: AsyncIterable<ResolvedEvent>): Promise<(bigint | undefined)[]> {
  return (await collect(entries)).map(({ event }) => event?.revision);
}

describe.each(everyStore)("on $name", ({ open }) => {
  describe("a deleted stream", () => {
    it("is not found, and the deletion has a place in the log behind its events", async () => {
      const client = await connect(open);
      const { position } = await client.appendToStream("account-1", numbered(4));
      const deleted = await client.deleteStream("account-1");
      expect(deleted.position?.commit).toBeGreaterThan(position?.commit ?? -1n);
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
      await expect(collect(client.readStream("account-1", { direction: "backwards", fromRevision: "end", maxCount: 1 }))).rejects.toThrow(
        StreamNotFoundError,
      );
      expect((await collect(client.readAll())).filter(({ event }) => event?.streamId === "account-1")).toHaveLength(4);
    });

    it.each([{ streamState: "any" as const }, { streamState: "no_stream" as const }, { streamState: 1n }])(
      "goes on with its numbers when it is written again, expecting $streamState",
      async ({ streamState }) => {
        for (const { options } of waysToAppend) {
          const client = await connect(open);
          await client.appendToStream("account-1", numbered(2));
          await client.deleteStream("account-1");
          const answer = await client.appendToStream("account-1", numbered(3), { ...options, streamState });
          expect(answer.nextExpectedRevision).toBe(4n);
          expect(await revisionsOf(client.readStream("account-1"))).toEqual([2n, 3n, 4n]);
          expect(await revisionsOf(client.readStream("account-1", { direction: "backwards", fromRevision: "end" }))).toEqual([4n, 3n, 2n]);
          expect((await client.getStreamMetadata("account-1")).metadata).toEqual({ truncateBefore: 2 });
          expect(await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, streamState: "no_stream" }))).toBeInstanceOf(
            WrongExpectedVersionError,
          );
        }
      },
    );

    it.each(waysToAppend)("is refused as deleted where it is expected to exist: an append $way", async ({ options }) => {
      const client = await connect(open);
      await client.appendToStream("account-1", numbered(1));
      await client.deleteStream("account-1");
      const refusal = await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, streamState: "stream_exists" }));
      expect(refusal).toBeInstanceOf(StreamDeletedError);
      expect(refusal).toMatchObject({ streamName: "account-1" });
    });

    it.each(waysToAppend)("is not at another revision than its last: an append $way", async ({ options }) => {
      const client = await connect(open);
      await client.appendToStream("account-1", numbered(2));
      await client.deleteStream("account-1");
      const refusal = await refusalOf(client.appendToStream("account-1", numbered(1), { ...options, streamState: 0n }));
      expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
      expect(refusal).toMatchObject({ streamName: "account-1", expectedState: 0n, actualState: 1n });
    });

    it("keeps the rest of its metadata", async () => {
      const client = await connect(open);
      const kept = { maxCount: 100, acl: { deleteRoles: ["some-role"] }, key1: true, key2: 17 };
      await client.appendToStream("account-1", numbered(2));
      await client.setStreamMetadata("account-1", kept);
      await client.deleteStream("account-1");
      expect((await client.getStreamMetadata("account-1")).metadata).toMatchObject(kept);
      await client.appendToStream("account-1", numbered(3));
      expect((await client.getStreamMetadata("account-1")).metadata).toEqual({ ...kept, truncateBefore: 2 });
    });

    it("keeps its events hidden when its metadata is set", async () => {
      const client = await connect(open);
      await client.appendToStream("account-1", numbered(2));
      await client.deleteStream("account-1");
      await client.setStreamMetadata("account-1", { maxCount: 100, key: "value" });
      expect(await revisionsOf(client.readStream("account-1"))).toEqual([]);
      expect((await client.getStreamMetadata("account-1")).metadata).toEqual({ maxCount: 100, key: "value", truncateBefore: 2 });
      await client.appendToStream("account-1", numbered(1));
      expect(await revisionsOf(client.readStream("account-1"))).toEqual([2n]);
    });

    it("may be deleted again and again, and tombstoned in the end", async () => {
      const client = await connect(open);
      for (let round = 0; round < 3; round++) {
        await client.appendToStream("account-1", numbered(1));
        await client.deleteStream("account-1", { expectedRevision: BigInt(round) });
      }
      await client.tombstoneStream("account-1");
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamDeletedError);
    });
  });

  describe("a tombstoned stream", () => {
    it("can be neither read nor written, deleted or tombstoned, and neither can its metadata", async () => {
      const client = await connect(open);
      const { position } = await client.appendToStream("account-1", numbered(2));
      const tombstoned = await client.tombstoneStream("account-1");
      expect(tombstoned.position?.commit).toBeGreaterThan(position?.commit ?? -1n);
      const refusals = [
        await refusalOf(collect(client.readStream("account-1"))),
        await refusalOf(client.appendToStream("account-1", numbered(1))),
        await refusalOf(client.deleteStream("account-1")),
        await refusalOf(client.tombstoneStream("account-1")),
        await refusalOf(client.tombstoneStream("account-1", { expectedRevision: "no_stream" })),
      ];
      for (const refusal of refusals) {
        expect(refusal).toBeInstanceOf(StreamDeletedError);
        expect(refusal).toMatchObject({ type: "stream-deleted", streamName: "account-1" });
      }
      const ofMetadata = await refusalOf(client.getStreamMetadata("account-1"));
      expect(ofMetadata).toBeInstanceOf(StreamDeletedError);
      expect(ofMetadata).toMatchObject({ streamName: "$$account-1" });
      expect(await refusalOf(client.setStreamMetadata("account-1", { maxCount: 1 }))).toBeInstanceOf(StreamDeletedError);
    });

    it("need not have been written before", async () => {
      const client = await connect(open);
      await client.tombstoneStream("account-1", { expectedRevision: "no_stream" });
      await client.tombstoneStream("account-2");
      for (const name of ["account-1", "account-2"]) await expect(collect(client.readStream(name))).rejects.toThrow(StreamDeletedError);
    });

    it("shows its end in the log", async () => {
      const client = await connect(open);
      await client.appendToStream("account-1", numbered(1));
      const { position } = await client.tombstoneStream("account-1", { expectedRevision: 0n });
      const last = await collect(client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 }));
      expect(last).toMatchObject([{ event: { streamId: "account-1", type: "$streamDeleted", revision: 9223372036854775807n, position } }]);
    });
  });

  describe.each(["deleteStream", "tombstoneStream"] as const)("%s", (remove) => {
    it.each([
      { had: 4, expectedRevision: 2n, actualState: 3n },
      { had: 4, expectedRevision: 9n, actualState: 3n },
      { had: 4, expectedRevision: "no_stream" as const, actualState: 3n },
      { had: 0, expectedRevision: 0n, actualState: "no_stream" as const },
    ])(
      "that expects $expectedRevision of a stream of $had events is refused, and changes nothing",
      async ({ had, expectedRevision, actualState }) => {
        const client = await connect(open);
        for (const event of numbered(had)) await client.appendToStream("account-1", event);
        const refusal = await refusalOf(client[remove]("account-1", { expectedRevision }));
        expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
        const expectedState = expectedRevision === "no_stream" ? -1n : expectedRevision;
        expect(refusal).toMatchObject({ type: "wrong-expected-version", streamName: "account-1", expectedState, actualState });
        expect(await client.appendToStream("account-1", numbered(1))).toMatchObject({ nextExpectedRevision: BigInt(had) });
      },
    );

    it("that expects the last revision is done", async () => {
      const client = await connect(open);
      await client.appendToStream("account-1", numbered(4));
      await client[remove]("account-1", { expectedRevision: 3n });
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(expect.objectContaining({ streamName: "account-1" }));
    });
  });

  it("a stream that has metadata alone is deleted where none is expected", async () => {
    const client = await connect(open);
    await client.setStreamMetadata("account-1", { cacheControl: 10 });
    await client.deleteStream("account-1", { expectedRevision: "no_stream" });
    await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
  });
});
