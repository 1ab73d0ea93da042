import { StreamNotFoundError, WrongExpectedVersionError, jsonEvent, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered } from "./connect.ts";

const EVERYTHING = {
  maxAge: 2_000_000,
  cacheControl: 15,
  truncateBefore: 1,
  maxCount: 12,
  acl: { readRoles: ["admin"], writeRoles: ["$all"], deleteRoles: ["a", "b"], metaReadRoles: ["admin"], metaWriteRoles: ["admin"] },
  turkey: "🦃",
  nested: { list: [1, null, "x"], flag: true },
};

describe.each(everyStore)("metadata of a stream on $name", ({ open }) => {
  it("is nothing until it is set", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    expect(await client.getStreamMetadata("account-1")).toEqual({ streamName: "account-1" });
    expect(await client.getStreamMetadata("never-1")).toEqual({ streamName: "never-1" });
  });

  it("is told as it was set last, whatever keys it has", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const first = await client.setStreamMetadata("account-1", EVERYTHING);
    expect((await client.getStreamMetadata("account-1")).metadata).toEqual(EVERYTHING);
    const second = await client.setStreamMetadata("account-1", { maxCount: 11, turkey: "🍗" });
    const { metadata, metastreamRevision } = await client.getStreamMetadata("account-1");
    expect(metadata).toEqual({ maxCount: 11, turkey: "🍗" });
    expect(typeof metastreamRevision).toBe("bigint");
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([0n, 1n]);
    await client.setStreamMetadata("account-1", {});
    expect((await client.getStreamMetadata("account-1")).metadata).toEqual({});
  });

  it("may be set before the stream is written, which does not make it one", async () => {
    const client = await connect(open);
    await client.setStreamMetadata("account-1", { maxCount: 2, owner: "Ann" }, { expectedRevision: "no_stream" });
    await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
    expect((await client.getStreamMetadata("account-1")).metadata).toEqual({ maxCount: 2, owner: "Ann" });
    await client.appendToStream("account-1", numbered(3), { streamState: "no_stream" });
    expect((await collect(client.readStream("account-1"))).map(({ event }) => event?.revision)).toEqual([1n, 2n]);
  });

  it("makes a stream exist for who expects that", async () => {
    const client = await connect(open);
    await client.setStreamMetadata("account-1", { maxCount: 10 });
    expect(await client.appendToStream("account-1", numbered(1), { streamState: "stream_exists" })).toMatchObject({
      success: true,
      nextExpectedRevision: 0n,
    });
  });

  it("has revisions of its own, of which one may be expected by the append behind it", async () => {
    const client = await connect(open);
    await client.appendToStream("$$account-1", metadataEvent({ $maxCount: 5 }), { streamState: "no_stream" });
    await client.appendToStream("$$account-1", metadataEvent({ $maxCount: 6 }), { streamState: 0n });
    const refusal = await refusalOf(client.appendToStream("$$account-1", metadataEvent({ $maxCount: 7 }), { streamState: 0n }));
    expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
    expect(refusal).toMatchObject({ streamName: "$$account-1", expectedState: 0n, actualState: 1n });
    expect((await client.getStreamMetadata("account-1")).metadata).toEqual({ maxCount: 6 });
  });

  it("is the last event of a stream of its own, of type $metadata", async () => {
    const client = await connect(open);
    await client.setStreamMetadata("account-1", { maxCount: 5 });
    await client.setStreamMetadata("account-1", { maxCount: 6 });
    const last = await collect(client.readStream("$$account-1", { direction: "backwards", fromRevision: "end", maxCount: 1 }));
    expect(last).toMatchObject([
      { event: { streamId: "$$account-1", revision: 1n, type: "$metadata", isJson: true, data: { $maxCount: 6 } } },
    ]);
  });

  it("cuts off what is before truncateBefore", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(4));
    await client.setStreamMetadata("account-1", { truncateBefore: 3 });
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([3n]);
    expect(await revisionsOf(client.readStream("account-1", { fromRevision: 1n, maxCount: 1 }))).toEqual(
      await revisionsOf(client.readStream("account-1", { fromRevision: 3n, maxCount: 1 })),
    );
    await client.appendToStream("account-1", numbered(1), { streamState: 3n });
    expect(await revisionsOf(client.readStream("account-1", { direction: "backwards", fromRevision: "end" }))).toEqual([4n, 3n]);
    expect((await collect(client.readAll())).filter(({ event }) => event?.streamId === "account-1")).toHaveLength(5);
    await client.setStreamMetadata("account-1", {});
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([0n, 1n, 2n, 3n, 4n]);
  });

  it("leaves the last events alone with maxCount", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(5));
    await client.setStreamMetadata("account-1", { maxCount: 2 });
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([3n, 4n]);
    await client.appendToStream("account-1", numbered(2));
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([5n, 6n]);
    expect(await revisionsOf(client.readStream("account-1", { direction: "backwards", fromRevision: "end", maxCount: 5 }))).toEqual([
      6n,
      5n,
    ]);
    await client.setStreamMetadata("account-1", { maxCount: 4 });
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([3n, 4n, 5n, 6n]);
  });

  it("hides what is older than maxAge", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.setStreamMetadata("account-1", { maxAge: 3600 });
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([0n, 1n]);
    await client.setStreamMetadata("account-1", { maxAge: 1 });
    await vi.waitFor(async () => expect(await revisionsOf(client.readStream("account-1"))).toEqual([]), { timeout: 5000, interval: 200 });
    await client.appendToStream("account-1", numbered(1), { streamState: 1n });
    await client.setStreamMetadata("account-1", { maxAge: 3600 });
    expect(await revisionsOf(client.readStream("account-1"))).toEqual([0n, 1n, 2n]);
  });

  it("is followed as any stream is", async () => {
    const client = await connect(open);
    const followed = follow(client.subscribeToStream("$$account-1"));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), { timeout: 5000 });
    const told = (): unknown[] => followed.entries.map(({ event }) => event?.data);
    await client.setStreamMetadata("account-1", { maxCount: 5 });
    // The stream shows its last event alone: whoever looks too late sees the next one.
    await vi.waitFor(() => expect(told()).toEqual([{ $maxCount: 5 }]), { timeout: 5000 });
    await client.setStreamMetadata("account-1", { maxCount: 6 });
    await vi.waitFor(() => expect(told()).toEqual([{ $maxCount: 5 }, { $maxCount: 6 }]), { timeout: 5000 });
  });

  it("of a stream whose name has other letters is its own", async () => {
    const client = await connect(open);
    await client.setStreamMetadata("счёт-🦃", { owner: "Ann" });
    await client.setStreamMetadata("with $ and @", { owner: "Ben" });
    const read = [(await client.getStreamMetadata("счёт-🦃")).metadata, (await client.getStreamMetadata("with $ and @")).metadata];
    expect(read).toEqual([{ owner: "Ann" }, { owner: "Ben" }]);
  });
});

const metadataEvent = (data: Record<string, unknown>) => jsonEvent({ type: "$metadata", data });

async function revisionsOf(entries: AsyncIterable<ResolvedEvent>): Promise<(bigint | undefined)[]> {
  return (await collect(entries)).map(({ event }) => event?.revision);
}
