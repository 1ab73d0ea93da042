import { StreamDeletedError, StreamNotFoundError, WrongExpectedVersionError, binaryEvent } from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered } from "./connect.ts";

const EVERYTHING = {
  maxAge: 2_000_000,
  cacheControl: 15,
  truncateBefore: 1,
  maxCount: 12,
  acl: { readRoles: ["admin"], writeRoles: ["$all"], deleteRoles: ["a", "b"], metaReadRoles: ["admin"], metaWriteRoles: ["admin"] },
  turkey: "🦃",
};
const link = (target: string) => binaryEvent({ type: "$>", data: Buffer.from(target) });

describe.each(everyStore)("on $name", ({ open }) => {
  it("metadata of a stream is told as it was set last, and takes effect", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(5));
    expect(await client.getStreamMetadata("account-1")).toEqual({ streamName: "account-1" });
    await client.setStreamMetadata("account-1", EVERYTHING, { expectedRevision: "no_stream" });
    expect((await client.getStreamMetadata("account-1")).metadata).toEqual(EVERYTHING);
    const refusal = await refusalOf(client.setStreamMetadata("account-1", {}, { expectedRevision: 3n }));
    expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
    expect(refusal).toMatchObject({ streamName: "$$account-1", expectedVersion: 3n, actualVersion: 0n });
    const revisions = async () => (await collect(client.readStream("account-1"))).map(({ event }) => Number(event?.revision));
    expect(await revisions()).toEqual([1, 2, 3, 4]);
    await client.setStreamMetadata("account-1", { maxCount: 2 }, { expectedRevision: 0n });
    expect(await revisions()).toEqual([3, 4]);
    await client.setStreamMetadata("account-1", { truncateBefore: 4 });
    expect(await revisions()).toEqual([4]);
  });

  it("a deleted stream is not found, and goes on with its numbers when it is written again", async () => {
    const client = await connect(open);
    const { position } = await client.appendToStream("account-1", numbered(2));
    const refusal = await refusalOf(client.deleteStream("account-1", { expectedRevision: 7n }));
    expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
    expect(refusal).toMatchObject({ streamName: "account-1", expectedVersion: 7n, actualVersion: 1n });
    const deleted = await client.deleteStream("account-1", { expectedRevision: 1n });
    expect(deleted.position?.commit).toBeGreaterThan(position?.commit ?? -1n);
    await expect(collect(client.readStream("account-1"))).rejects.toThrow(StreamNotFoundError);
    expect(await client.appendToStream("account-1", numbered(2), { expectedRevision: "no_stream" })).toMatchObject({
      nextExpectedRevision: 3n,
    });
    expect((await collect(client.readStream("account-1"))).map(({ event }) => event?.revision)).toEqual([2n, 3n]);
    expect((await client.getStreamMetadata("account-1")).metadata).toEqual({ truncateBefore: 2 });
  });

  it("a tombstoned stream is deleted for good, and shows its end in the log", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.tombstoneStream("account-1", { expectedRevision: 1n });
    const calls = [client.deleteStream("account-1"), client.tombstoneStream("account-1"), client.getStreamMetadata("account-1")];
    for (const refusal of await Promise.all(calls.map(refusalOf))) expect(refusal).toBeInstanceOf(StreamDeletedError);
    const [last] = await collect(client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 }));
    expect(last?.event).toMatchObject({ streamId: "account-1", type: "$streamDeleted", revision: 9223372036854775807n });
  });

  it("system events are in the log", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.setStreamMetadata("account-1", { maxCount: 10 });
    await client.deleteStream("account-1");
    const types = (await collect(client.readAll())).map(({ event }) => `${event?.type}@${event?.streamId}`);
    expect(types).toEqual(["counted@account-1", "$metadata@$$account-1", "$metadata@$$account-1"]);
  });

  it("links are read as they are or resolved, and come alone where their target is gone", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.appendToStream("gone-1", numbered(1));
    await client.appendToStream("noted-1", [link("1@account-1"), link("0@gone-1")]);
    await client.deleteStream("gone-1");
    const plain = await collect(client.readStream("noted-1"));
    const resolved = await collect(client.readStream("noted-1", { resolveLinkTos: true }));
    const [, target] = await collect(client.readStream("account-1"));
    expect(plain.map(({ event }) => [event?.type, Buffer.from(event?.data as Uint8Array).toString()])).toEqual([
      ["$>", "1@account-1"],
      ["$>", "0@gone-1"],
    ]);
    expect(resolved.map(({ event }) => event)).toEqual([target?.event, undefined]);
    expect(resolved.map(({ link: by }) => by)).toEqual(plain.map(({ event }) => event));
  });

  it.each([
    { view: "$ce-account", has: ["0@account-1", "0@account-2", "1@account-1"] },
    { view: "$et-counted", has: ["0@account-1", "0@other-1", "0@account-2", "1@account-1"] },
  ])("$view holds links to events as they were written", async ({ view, has }) => {
    const client = await connect(open);
    for (const stream of ["account-1", "other-1", "account-2", "account-1"]) await client.appendToStream(stream, numbered(1));
    const plain = await collect(client.readStream(view));
    const resolved = await collect(client.readStream(view, { resolveLinkTos: true }));
    expect(plain.map(({ event }) => Buffer.from(event?.data as Uint8Array).toString())).toEqual(has);
    expect(resolved.map(({ event, link: by }) => [`${event?.revision}@${event?.streamId}`, by?.streamId])).toEqual(
      has.map((target) => [target, view]),
    );
    const fromRevision = plain[1]?.event?.revision ?? 0n;
    expect(await collect(client.readStream(view, { fromRevision }))).toEqual(plain.slice(1));
    expect(await collect(client.readStream(view, { fromRevision, direction: "backwards" }))).toEqual(plain.slice(0, 2).toReversed());
  });
});
