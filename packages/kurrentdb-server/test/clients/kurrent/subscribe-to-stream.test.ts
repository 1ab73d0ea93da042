import { StreamDeletedError, jsonEvent, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow, type Followed } from "../follow.ts";
import { connect, numbered } from "./connect.ts";

const revisionsOf = ({ entries }: Followed<ResolvedEvent>) => entries.map(({ event }) => Number(event?.revision));
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
const PATIENT = { timeout: 8000 };

describe.each(everyStore)("a subscription to a stream on $name", ({ open }) => {
  it("is confirmed, tells what there is, says that it has caught up, and goes on with what comes", async () => {
    const client = await connect(open);
    await client.appendToStream("other-1", numbered(3));
    await client.appendToStream("account-1", numbered(3));
    const before = Math.floor(Date.now() / 1000) * 1000 - 1000;
    const subscription = client.subscribeToStream("account-1");
    const followed = follow(subscription);
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(followed.log[0]).toBe("confirmation");
    expect(subscription.id).toMatch(/./);
    expect(followed.caughtUp).toEqual([{ date: expect.any(Date) as Date, revision: 2n }]);
    expect((followed.caughtUp[0] as { date: Date }).date.getTime()).toBeGreaterThan(before);
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-1", numbered(2));
    await vi.waitFor(() => expect(revisionsOf(followed)).toEqual(upTo(5)), PATIENT);
    const read = await collect(client.readStream("account-1"));
    expect(followed.entries.map(({ event }) => [event?.id, event?.data, event?.position])).toEqual(
      read.map(({ event }) => [event?.id, event?.data, event?.position]),
    );
    expect(followed.log.filter((word) => word !== "event")).toEqual(["confirmation", "caughtUp"]);
  });

  it("from the end tells what comes alone", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(3));
    const followed = follow(client.subscribeToStream("account-1", { fromRevision: "end" }));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await client.appendToStream("account-1", numbered(2));
    await vi.waitFor(() => expect(revisionsOf(followed)).toEqual([3, 4]), PATIENT);
  });

  it("from a revision begins behind it, be that the last or one to come", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(4));
    const fromTwo = follow(client.subscribeToStream("account-1", { fromRevision: 1n }));
    const fromLast = follow(client.subscribeToStream("account-1", { fromRevision: 3n }));
    await vi.waitFor(() => expect([fromTwo.caughtUp.length, fromLast.caughtUp.length]).toEqual([1, 1]), PATIENT);
    expect([revisionsOf(fromTwo), revisionsOf(fromLast)]).toEqual([[2, 3], []]);
    await client.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect([revisionsOf(fromTwo), revisionsOf(fromLast)]).toEqual([[2, 3, 4], [4]]), PATIENT);
  });

  it("to a stream that is not there waits for it, caught up with no revision", async () => {
    const client = await connect(open);
    const fromStart = follow(client.subscribeToStream("account-1"));
    const fromEnd = follow(client.subscribeToStream("account-1", { fromRevision: "end" }));
    await vi.waitFor(() => expect([fromStart.caughtUp.length, fromEnd.caughtUp.length]).toEqual([1, 1]), PATIENT);
    expect([fromStart.caughtUp, fromEnd.caughtUp].flat()).toEqual([{ date: expect.any(Date) as Date }, { date: expect.any(Date) as Date }]);
    await client.appendToStream("account-1", numbered(3));
    await vi.waitFor(() => expect([revisionsOf(fromStart), revisionsOf(fromEnd)]).toEqual([upTo(3), upTo(3)]), PATIENT);
  });

  it("leaves out what the stream hides", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(25));
    await client.setStreamMetadata("account-1", { truncateBefore: 20 });
    const followed = follow(client.subscribeToStream("account-1"));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(revisionsOf(followed)).toEqual([20, 21, 22, 23, 24]);
  });

  it("goes on when the stream is deleted and written again", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    const followed = follow(client.subscribeToStream("account-1"));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await client.deleteStream("account-1");
    await client.appendToStream("account-1", numbered(2), { streamState: "no_stream" });
    await vi.waitFor(() => expect(revisionsOf(followed)).toEqual(upTo(4)), PATIENT);
    expect(followed.errors).toEqual([]);
  });

  it("ends as deleted when the stream is tombstoned, and so does a new one", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    const followed = [follow(client.subscribeToStream("account-1")), follow(client.subscribeToStream("never-1"))] as const;
    await vi.waitFor(() => expect(followed.map(({ caughtUp }) => caughtUp.length)).toEqual([1, 1]), PATIENT);
    await client.tombstoneStream("account-1");
    await client.tombstoneStream("never-1", { expectedRevision: "no_stream" });
    await vi.waitFor(() => expect(followed.map(({ errors }) => errors.length)).toEqual([1, 1]), PATIENT);
    const late = follow(client.subscribeToStream("account-1"));
    await vi.waitFor(() => expect(late.errors).toHaveLength(1), PATIENT);
    const errors = [...followed, late].flatMap((each) => each.errors);
    expect(errors.every((error) => error instanceof StreamDeletedError)).toBe(true);
    expect(errors).toMatchObject([{ streamName: "account-1" }, { streamName: "never-1" }, { streamName: "account-1" }]);
  });

  it("may be iterated and left, and another one goes on from there with no event lost or repeated", async () => {
    const client = await connect(open);
    const writing = (async () => {
      for (let part = 0; part < 30; part++) await client.appendToStream("account-1", numbered(7));
    })();
    const seen: bigint[] = [];
    while (seen.length < 210) {
      const from = seen.at(-1);
      let left = 13;
      for await (const { event } of client.subscribeToStream("account-1", { fromRevision: from ?? "start" })) {
        seen.push(event?.revision ?? -1n);
        left -= 1;
        if (left === 0 || seen.length === 210) break;
      }
    }
    await writing;
    expect(seen).toEqual(upTo(210).map(BigInt));
  });

  it("ends when it is told to, and tells nothing more", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const subscription = client.subscribeToStream("account-1");
    const ended = follow(subscription);
    const other = follow(client.subscribeToStream("account-1"));
    await vi.waitFor(() => expect([ended.caughtUp.length, other.caughtUp.length]).toEqual([1, 1]), PATIENT);
    await subscription.unsubscribe();
    await vi.waitFor(() => expect(ended.log.at(-1)).toBe("end"), PATIENT);
    await client.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect(revisionsOf(other)).toEqual([0, 1]), PATIENT);
    expect([revisionsOf(ended), ended.errors]).toEqual([[0], []]);
  });

  it("that is paused falls behind, and tells everything once when it goes on", { timeout: 30_000 }, async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const subscription = client.subscribeToStream("account-1");
    const followed = follow(subscription);
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    subscription.pause();
    const text = "z".repeat(20_000);
    for (let part = 0; part < 40; part++)
      await client.appendToStream(
        "account-1",
        Array.from({ length: 25 }, () => jsonEvent({ type: "large", data: { text } })),
      );
    subscription.resume();
    await vi.waitFor(() => expect(followed.entries.length).toBe(1001), { timeout: 20_000 });
    expect(revisionsOf(followed)).toEqual(upTo(1001));
    await vi.waitFor(() => expect(followed.log.findLast((word) => word !== "event")).toBe("caughtUp"), PATIENT);
    expect(followed.fellBehind.length).toBeGreaterThan(0);
    expect(followed.caughtUp).toHaveLength(followed.fellBehind.length + 1);
    expect(followed.fellBehind).toEqual(
      followed.fellBehind.map(() => ({ date: expect.any(Date) as Date, revision: expect.any(BigInt) as bigint })),
    );
    expect(followed.caughtUp.at(-1)).toMatchObject({ revision: 1000n });
  });

  it("of 32 followers tells each of them everything", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(50));
    const all = upTo(32).map(() => follow(client.subscribeToStream("account-1")));
    await client.appendToStream("account-1", numbered(50));
    await vi.waitFor(() => expect(all.map(({ entries }) => entries.length)).toEqual(all.map(() => 100)), PATIENT);
    expect(all.map(revisionsOf)).toEqual(all.map(() => upTo(100)));
  });
});
