import { StreamDeletedError, StreamNotFoundError, jsonEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered } from "./connect.ts";

const LAST_REVISION = 0x7fff_ffff_ffff_fffen;

describe.each(everyStore)("a stream on $name", ({ open }) => {
  it("is read forwards and backwards, from both ends and from any revision, as far as is asked", async () => {
    const client = await connect(open);
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-1", numbered(3));
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-1", numbered(2));
    const revisions = async (options: Parameters<typeof client.readStream>[1]) =>
      (await collect(client.readStream("account-1", options))).map(({ event }) => Number(event?.revision));
    expect({
      all: await revisions({}),
      fromStart: await revisions({ direction: "forwards", fromRevision: "start", maxCount: 2 }),
      fromTwo: await revisions({ fromRevision: 2n }),
      twoFromTwo: await revisions({ fromRevision: 2n, maxCount: 2n }),
      moreThanThereAre: await revisions({ maxCount: 100 }),
      backwards: await revisions({ direction: "backwards", fromRevision: "end" }),
      last: await revisions({ direction: "backwards", fromRevision: "end", maxCount: 1 }),
      backwardsFromThree: await revisions({ direction: "backwards", fromRevision: 3n, maxCount: 2 }),
      backwardsFromOne: await revisions({ direction: "backwards", fromRevision: 1n }),
    }).toEqual({
      all: [0, 1, 2, 3, 4],
      fromStart: [0, 1],
      fromTwo: [2, 3, 4],
      twoFromTwo: [2, 3],
      moreThanThereAre: [0, 1, 2, 3, 4],
      backwards: [4, 3, 2, 1, 0],
      last: [4],
      backwardsFromThree: [3, 2],
      backwardsFromOne: [1, 0],
    });
  });

  it("has nothing behind its end", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    const read = [
      await collect(client.readStream("account-1", { fromRevision: 2n })),
      await collect(client.readStream("account-1", { fromRevision: 1_000_000n })),
      await collect(client.readStream("account-1", { fromRevision: LAST_REVISION })),
    ];
    expect(read).toEqual([[], [], []]);
  });

  it("tells where in the log its events are, as the append did", async () => {
    const client = await connect(open);
    const { position } = await client.appendToStream("account-1", numbered(1));
    const [entry] = await collect(client.readStream("account-1", { direction: "backwards", fromRevision: "end", maxCount: 1 }));
    expect(position).toEqual({ commit: position?.prepare, prepare: position?.commit });
    expect(entry?.event?.position).toEqual(position);
    expect(entry?.link).toBeUndefined();
  });

  it("that was never written is not found, in either direction", async () => {
    const client = await connect(open);
    const refusals = [
      await refusalOf(collect(client.readStream("account-1"))),
      await refusalOf(collect(client.readStream("account-1", { direction: "backwards", fromRevision: "end", maxCount: 1 }))),
      await refusalOf(collect(client.readStream("account-1", { fromRevision: 10n }))),
    ];
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(StreamNotFoundError);
      expect(refusal).toMatchObject({ type: "stream-not-found", streamName: "account-1" });
    }
  });

  it("that is tombstoned is refused as deleted, in either direction", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.tombstoneStream("account-1");
    const refusals = [
      await refusalOf(collect(client.readStream("account-1"))),
      await refusalOf(collect(client.readStream("account-1", { direction: "backwards", fromRevision: "end", maxCount: 1 }))),
    ];
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(StreamDeletedError);
      expect(refusal).toMatchObject({ type: "stream-deleted", streamName: "account-1" });
    }
  });

  it("of many and large events is read whole", async () => {
    const client = await connect(open);
    const text = "y".repeat(300_000);
    for (let part = 0; part < 3; part++) await client.appendToStream("account-1", numbered(700));
    for (let part = 0; part < 6; part++) await client.appendToStream("account-1", [jsonEvent({ type: "large", data: { text } })]);
    const forwards = await collect(client.readStream("account-1"));
    const backwards = await collect(client.readStream("account-1", { direction: "backwards", fromRevision: "end" }));
    expect(forwards.map(({ event }) => event?.revision)).toEqual(Array.from({ length: 2106 }, (_, revision) => BigInt(revision)));
    expect(backwards.map(({ event }) => event?.id)).toEqual(forwards.map(({ event }) => event?.id).toReversed());
    expect(forwards.slice(-6).map(({ event }) => event?.data)).toEqual(Array.from({ length: 6 }, () => ({ text })));
  });

  it("may be left in the middle, and the client goes on", async () => {
    const client = await connect(open);
    for (let part = 0; part < 3; part++) await client.appendToStream("account-1", numbered(1000));
    for (let round = 0; round < 5; round++) {
      const read: bigint[] = [];
      for await (const { event } of client.readStream("account-1")) {
        read.push(event?.revision ?? -1n);
        if (read.length === 3) break;
      }
      expect(read).toEqual([0n, 1n, 2n]);
    }
    expect(await collect(client.readStream("account-1", { maxCount: 1 }))).toHaveLength(1);
  });

  it("is read by 64 readers at once", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(300));
    const reads = await Promise.all(Array.from({ length: 64 }, () => collect(client.readStream("account-1"))));
    expect(reads.map((entries) => entries.length)).toEqual(reads.map(() => 300));
  });
});
