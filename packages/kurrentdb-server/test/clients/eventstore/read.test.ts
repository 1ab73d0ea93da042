import { StreamDeletedError, StreamNotFoundError } from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered } from "./connect.ts";

describe.each(everyStore)("on $name", ({ open }) => {
  it("a stream is read forwards and backwards, from both ends and from any revision, as far as is asked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(3));
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-1", numbered(2));
    const revisions = async (options: Parameters<typeof client.readStream>[1]) =>
      (await collect(client.readStream("account-1", options))).map(({ event }) => Number(event?.revision));
    expect({
      all: await revisions({}),
      fromTwo: await revisions({ fromRevision: 2n }),
      twoFromTwo: await revisions({ fromRevision: 2n, maxCount: 2 }),
      behindEnd: await revisions({ fromRevision: 5n }),
      fromEnd: await revisions({ fromRevision: "end" }),
      backwards: await revisions({ direction: "backwards", fromRevision: "end" }),
      last: await revisions({ direction: "backwards", fromRevision: "end", maxCount: 1 }),
      backwardsFromThree: await revisions({ direction: "backwards", fromRevision: 3n, maxCount: 2 }),
      backwardsFromStart: await revisions({ direction: "backwards", fromRevision: "start" }),
    }).toEqual({
      all: [0, 1, 2, 3, 4],
      fromTwo: [2, 3, 4],
      twoFromTwo: [2, 3],
      behindEnd: [],
      fromEnd: [],
      backwards: [4, 3, 2, 1, 0],
      last: [4],
      backwardsFromThree: [3, 2],
      backwardsFromStart: [0],
    });
  });

  it("the log is read forwards and backwards, from both ends and from any position, as far as is asked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.appendToStream("account-2", numbered(2));
    const entries = await collect(client.readAll());
    const names = (list: typeof entries) => list.map(({ event }) => `${event?.revision}@${event?.streamId}`);
    expect(names(entries)).toEqual(["0@account-1", "1@account-1", "0@account-2", "1@account-2"]);
    const fromPosition = entries[2]?.event?.position ?? "end";
    expect({
      two: await collect(client.readAll({ maxCount: 2 })),
      fromPosition: await collect(client.readAll({ fromPosition })),
      fromEnd: await collect(client.readAll({ fromPosition: "end" })),
      backwards: await collect(client.readAll({ direction: "backwards", fromPosition: "end" })),
      last: await collect(client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 })),
      backwardsFromPosition: await collect(client.readAll({ direction: "backwards", fromPosition })),
      backwardsFromStart: await collect(client.readAll({ direction: "backwards", fromPosition: "start" })),
    }).toEqual({
      two: entries.slice(0, 2),
      fromPosition: entries.slice(2),
      fromEnd: [],
      backwards: entries.toReversed(),
      last: entries.slice(3),
      backwardsFromPosition: entries.slice(0, 2).toReversed(),
      backwardsFromStart: [],
    });
  });

  it("a stream that was never written is not found, and a tombstoned one is deleted", async () => {
    const client = await connect(open);
    await client.appendToStream("gone-1", numbered(1));
    await client.tombstoneStream("gone-1");
    for (const options of [{}, { direction: "backwards", fromRevision: "end", maxCount: 1 }] as const) {
      const missing = await refusalOf(collect(client.readStream("never-1", options)));
      expect(missing).toBeInstanceOf(StreamNotFoundError);
      expect(missing).toMatchObject({ streamName: "never-1" });
      const gone = await refusalOf(collect(client.readStream("gone-1", options)));
      expect(gone).toBeInstanceOf(StreamDeletedError);
      expect(gone).toMatchObject({ streamName: "gone-1" });
    }
  });

  it("many events are read whole, and a read may be left in the middle", async () => {
    const client = await connect(open);
    for (let part = 0; part < 3; part++) await client.appendToStream("account-1", numbered(800));
    expect((await collect(client.readAll())).map(({ event }) => event?.revision)).toEqual(
      Array.from({ length: 2400 }, (_, revision) => BigInt(revision)),
    );
    const read: bigint[] = [];
    for await (const { event } of client.readStream("account-1", { fromRevision: 300n })) {
      read.push(event?.revision ?? -1n);
      if (read.length === 3) break;
    }
    expect(read).toEqual([300n, 301n, 302n]);
    expect(await collect(client.readStream("account-1", { maxCount: 1 }))).toHaveLength(1);
  });
});
