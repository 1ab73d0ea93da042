import { StreamNotFoundError, binaryEvent, jsonEvent, type LinkEvent } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered } from "./connect.ts";

const link = (target: string) => binaryEvent({ type: "$>", data: Buffer.from(target) });
const text = (data: unknown) => Buffer.from(data as Uint8Array).toString("utf8");

describe.each(everyStore)("on $name", ({ open }) => {
  it("a link is read as it is, or with the event that it leads to", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(3));
    await client.appendToStream("важное-1", [jsonEvent({ type: "noted", data: {} }), link("2@account-1"), link("0@account-1")]);
    const [, , target] = await collect(client.readStream("account-1"));
    const plain = await collect(client.readStream<LinkEvent>("важное-1"));
    expect(plain.map(({ event, link: by }) => [event?.type, by])).toEqual([
      ["noted", undefined],
      ["$>", undefined],
      ["$>", undefined],
    ]);
    expect(plain.slice(1).map(({ event }) => text(event?.data))).toEqual(["2@account-1", "0@account-1"]);
    const resolved = await collect(client.readStream("важное-1", { resolveLinkTos: true }));
    expect(resolved.map(({ event, link: by }) => [event?.streamId, event?.revision, by?.streamId, by?.revision])).toEqual([
      ["важное-1", 0n, undefined, undefined],
      ["account-1", 2n, "важное-1", 1n],
      ["account-1", 0n, "важное-1", 2n],
    ]);
    expect(resolved[1]?.event).toEqual(target?.event);
    expect(resolved[1]?.link).toEqual(plain[1]?.event);
    const backwards = await collect(
      client.readStream("важное-1", { resolveLinkTos: true, direction: "backwards", fromRevision: "end", maxCount: 1 }),
    );
    expect(backwards).toEqual([resolved[2]]);
  });

  it("a link is resolved in the log too, and in what is followed", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.appendToStream("noted-1", link("1@account-1"));
    const resolved = await collect(client.readAll({ resolveLinkTos: true }));
    expect(resolved.map(({ event, link: by }) => [event?.streamId, event?.revision, by?.streamId])).toEqual([
      ["account-1", 0n, undefined],
      ["account-1", 1n, undefined],
      ["account-1", 1n, "noted-1"],
    ]);
    const followed = [];
    for await (const { event, link: by } of client.subscribeToStream("noted-1", { resolveLinkTos: true })) {
      followed.push([event?.streamId, by?.streamId]);
      break;
    }
    expect(followed).toEqual([["account-1", "noted-1"]]);
  });

  it("a link whose target is not there comes alone", async () => {
    const client = await connect(open);
    for (const name of ["deleted-1", "gone-1", "cut-1"]) await client.appendToStream(name, numbered(2));
    await client.appendToStream("noted-1", [
      link("0@deleted-1"),
      link("0@gone-1"),
      link("0@cut-1"),
      link("1@cut-1"),
      link("9@cut-1"),
      link("0@never-1"),
    ]);
    await client.deleteStream("deleted-1");
    await client.tombstoneStream("gone-1");
    await client.setStreamMetadata("cut-1", { truncateBefore: 1 });
    const resolved = await collect(client.readStream("noted-1", { resolveLinkTos: true }));
    expect(resolved.map(({ event, link: by }) => [event?.streamId, by?.revision])).toEqual([
      [undefined, 0n],
      [undefined, 1n],
      [undefined, 2n],
      ["cut-1", 3n],
      [undefined, 4n],
      [undefined, 5n],
    ]);
  });

  it.each([
    { view: "$ce-account", has: ["0@account-1", "0@account-2", "1@account-1"] },
    { view: "$et-opened", has: ["0@account-1", "0@account-2", "0@savings-1"] },
  ])("$view holds links to events as they were written", async ({ view, has }) => {
    const client = await connect(open);
    for (const stream of ["account-1", "account-2", "savings-1"])
      await client.appendToStream(stream, jsonEvent({ type: "opened", data: {} }));
    await client.appendToStream("account-1", jsonEvent({ type: "deposited", data: {} }));
    const plain = await collect(client.readStream<LinkEvent>(view));
    expect(plain.map(({ event }) => [event?.streamId, event?.type, text(event?.data)])).toEqual(has.map((target) => [view, "$>", target]));
    const resolved = await collect(client.readStream(view, { resolveLinkTos: true }));
    expect(resolved.map(({ event, link: by }) => [`${event?.revision}@${event?.streamId}`, by?.streamId, by?.type])).toEqual(
      has.map((target) => [target, view, "$>"]),
    );
    expect(resolved.map(({ link: by }) => by)).toEqual(plain.map(({ event }) => event));
    const revisions = plain.map(({ event }) => event?.revision ?? -1n);
    expect(revisions).toEqual(revisions.toSorted((a, b) => Number(a - b)));
    expect(new Set(plain.map(({ event }) => event?.id)).size).toBe(3);
  });

  it.each(["$ce-account", "$et-counted"])("%s is read from any of its revisions, in both directions, as far as is asked", async (view) => {
    const client = await connect(open);
    await client.appendToStream("other-1", jsonEvent({ type: "other", data: {} }));
    for (let number = 0; number < 4; number++) await client.appendToStream(`account-${number}`, numbered(1));
    const entries = await collect(client.readStream(view));
    const fromRevision = entries[2]?.event?.revision ?? 0n;
    expect({
      first: await collect(client.readStream(view, { maxCount: 2 })),
      from: await collect(client.readStream(view, { fromRevision })),
      backwards: await collect(client.readStream(view, { direction: "backwards", fromRevision: "end" })),
      last: await collect(client.readStream(view, { direction: "backwards", fromRevision: "end", maxCount: 1 })),
      backwardsFrom: await collect(client.readStream(view, { direction: "backwards", fromRevision })),
    }).toEqual({
      first: entries.slice(0, 2),
      from: entries.slice(2),
      backwards: entries.toReversed(),
      last: entries.slice(3),
      backwardsFrom: entries.slice(0, 3).toReversed(),
    });
  });

  it("the category of a stream is what its name has before the first dash", async () => {
    const client = await connect(open);
    for (const stream of ["shopping-cart-1", "shopping-2", "shoppings-1", "счёт-1"]) await client.appendToStream(stream, numbered(1));
    const streamsOf = async (view: string) =>
      (await collect(client.readStream(view, { resolveLinkTos: true }))).map(({ event }) => event?.streamId);
    expect([await streamsOf("$ce-shopping"), await streamsOf("$ce-счёт")]).toEqual([["shopping-cart-1", "shopping-2"], ["счёт-1"]]);
    expect(await refusalOf(streamsOf("$ce-shopping-cart"))).toBeInstanceOf(StreamNotFoundError);
  });

  it("entries of a category stay when their stream is deleted, without what they led to", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.appendToStream("account-2", numbered(1));
    await client.deleteStream("account-1");
    const resolved = await collect(client.readStream("$ce-account", { resolveLinkTos: true }));
    expect(resolved.map(({ event, link: by }) => [event?.streamId, by?.streamId])).toEqual([
      [undefined, "$ce-account"],
      ["account-2", "$ce-account"],
    ]);
  });

  it("a category and an event type are followed from where they were left", async () => {
    const client = await connect(open);
    for (let number = 0; number < 3; number++) await client.appendToStream(`account-${number}`, numbered(1));
    for (const view of ["$ce-account", "$et-counted"]) {
      const entries = await collect(client.readStream(view));
      const seen: (string | undefined)[] = [];
      const subscription = client.subscribeToStream(view, { resolveLinkTos: true, fromRevision: entries[0]?.event?.revision ?? "end" });
      for await (const { event } of subscription) {
        seen.push(event?.streamId);
        if (seen.length === 2) break;
      }
      expect(seen).toEqual(["account-1", "account-2"]);
    }
    const live = client.subscribeToStream("$ce-account", { resolveLinkTos: true, fromRevision: "end" });
    const appends: Promise<unknown>[] = [];
    live.once("caughtUp", () => void appends.push(client.appendToStream("account-9", numbered(1))));
    const seen: (string | undefined)[] = [];
    for await (const { event } of live) {
      seen.push(event?.streamId);
      break;
    }
    expect(seen).toEqual(["account-9"]);
    // Its answer may come behind the event: the client must not be gone before.
    await Promise.all(appends);
  });

  it("what nothing was written to yet is not found", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    for (const view of ["$ce-never", "$et-never"])
      expect(await refusalOf(collect(client.readStream(view)))).toBeInstanceOf(StreamNotFoundError);
  });
});
