import {
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type Position,
  type SubscribeToAllOptions,
} from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow, type Followed } from "../follow.ts";
import { connect, numbered } from "./connect.ts";

const PATIENT = { timeout: 8000 };
const namesOf = ({ entries }: Followed<AllStreamResolvedEvent>) => entries.map(({ event }) => `${event?.revision}@${event?.streamId}`);
const commits = (entries: readonly AllStreamResolvedEvent[]) => entries.map(({ event }) => event?.position.commit ?? -1n);

describe.each(everyStore)("a subscription to the log on $name", ({ open }) => {
  it("is confirmed, tells what there is, says that it has caught up, and goes on with what comes", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    const { position } = await client.appendToStream("account-2", numbered(1));
    const subscription = client.subscribeToAll();
    const followed = follow(subscription);
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(followed.log[0]).toBe("confirmation");
    expect(subscription.id).toMatch(/./);
    expect(followed.caughtUp).toEqual([{ date: expect.any(Date) as Date, position }]);
    await client.appendToStream("account-2", numbered(1));
    await client.setStreamMetadata("account-1", { maxCount: 5 });
    await vi.waitFor(
      () => expect(namesOf(followed)).toEqual(["0@account-1", "1@account-1", "0@account-2", "1@account-2", "0@$$account-1"]),
      PATIENT,
    );
    const read = await collect(client.readAll());
    expect(followed.entries.map(({ event }) => [event?.id, event?.position])).toEqual(
      read.map(({ event }) => [event?.id, event?.position]),
    );
    expect(followed.log.filter((word) => word !== "event")).toEqual(["confirmation", "caughtUp"]);
  });

  it("from the end tells what comes alone, from a position what is behind it", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const { position } = await client.appendToStream("account-2", numbered(1));
    await client.appendToStream("account-3", numbered(1));
    const fromEnd = follow(client.subscribeToAll({ fromPosition: "end" }));
    const fromPosition = follow(client.subscribeToAll({ fromPosition: position ?? "end" }));
    await vi.waitFor(() => expect([fromEnd.caughtUp.length, fromPosition.caughtUp.length]).toEqual([1, 1]), PATIENT);
    await client.appendToStream("account-4", numbered(1));
    await vi.waitFor(
      () => expect([namesOf(fromEnd), namesOf(fromPosition)]).toEqual([["0@account-4"], ["0@account-3", "0@account-4"]]),
      PATIENT,
    );
  });

  it("of an empty store is caught up with no position, and tells the first event", async () => {
    const client = await connect(open);
    const followed = [follow(client.subscribeToAll()), follow(client.subscribeToAll({ fromPosition: "end" }))] as const;
    await vi.waitFor(
      () =>
        expect(followed.map(({ caughtUp }) => caughtUp)).toEqual([
          [{ date: expect.any(Date) as Date }],
          [{ date: expect.any(Date) as Date }],
        ]),
      PATIENT,
    );
    await client.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect(followed.map(namesOf)).toEqual([["0@account-1"], ["0@account-1"]]), PATIENT);
  });

  it.each<[string, SubscribeToAllOptions, readonly string[]]>([
    ["a prefix of names", { filter: streamNameFilter({ prefixes: ["account-"] }) }, ["0@account-1", "1@account-1"]],
    [
      "prefixes of names",
      { filter: streamNameFilter({ prefixes: ["account-", "savings-"] }) },
      ["0@account-1", "0@savings-1", "1@account-1", "1@savings-1"],
    ],
    ["names by a regular expression", { filter: streamNameFilter({ regex: "^sav.*-\\d$" }) }, ["0@savings-1", "1@savings-1"]],
    ["a prefix of types", { filter: eventTypeFilter({ prefixes: ["rare"] }) }, ["0@noise-1", "1@savings-1"]],
    ["types by a regular expression", { filter: eventTypeFilter({ regex: "^rare$|^never$" }) }, ["0@noise-1", "1@savings-1"]],
    ["no system events", { filter: excludeSystemEvents() }, ["0@account-1", "0@savings-1", "0@noise-1", "1@account-1", "1@savings-1"]],
  ])("is filtered by %s, of what there is and of what comes", async (_name, options, expected) => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.setStreamMetadata("account-1", { maxCount: 5 });
    await client.appendToStream("savings-1", numbered(1));
    await client.appendToStream("noise-1", numbered(1, "rare"));
    const followed = follow(client.subscribeToAll(options));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await client.appendToStream("account-1", numbered(1));
    await client.setStreamMetadata("account-1", { maxCount: 6 });
    await client.appendToStream("savings-1", numbered(1, "rare"));
    await vi.waitFor(() => expect([namesOf(followed), followed.errors]).toEqual([expected, []]), PATIENT);
  });

  it("shows what a stream hides", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(25));
    await client.setStreamMetadata("account-1", { truncateBefore: 20 });
    const followed = follow(client.subscribeToAll({ filter: streamNameFilter({ prefixes: ["account-1"] }) }));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(followed.entries).toHaveLength(25);
  });

  it("is caught up where nothing passes its filter", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(10));
    const followed = follow(client.subscribeToAll({ filter: streamNameFilter({ prefixes: ["never"] }) }));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(followed.entries).toEqual([]);
  });

  it("with a filter tells a checkpoint for each 32 events times the interval, and waits for who takes it", async () => {
    const client = await connect(open);
    const { position } = await client.appendToStream("account-1", jsonEvent({ type: "marker", data: {} }));
    const checkpoints: Position[] = [];
    let taking = false;
    const whileTaking: unknown[] = [];
    const checkpointReached = async (_subscription: unknown, checkpoint: Position) => {
      taking = true;
      checkpoints.push(checkpoint);
      await new Promise((resolve) => setImmediate(resolve));
      taking = false;
    };
    const subscription = client.subscribeToAll({
      fromPosition: position ?? "end",
      filter: excludeSystemEvents({ checkpointInterval: 2, checkpointReached }),
    });
    subscription.on("data", (entry: unknown) => (taking ? whileTaking.push(entry) : undefined));
    const followed = follow(subscription);
    for (let part = 0; part < 24; part++) await client.appendToStream("account-1", numbered(16));
    await vi.waitFor(() => expect(followed.entries).toHaveLength(384), PATIENT);
    await vi.waitFor(() => expect(checkpoints.length).toBeGreaterThanOrEqual(6), PATIENT);
    expect(checkpoints.length).toBeLessThanOrEqual(7);
    expect(whileTaking).toEqual([]);
    const places = checkpoints.map(({ commit }) => commit);
    expect(places).toEqual(places.toSorted((a, b) => Number(a - b)));
    const last = commits(followed.entries).at(-1) ?? 0n;
    expect(places.every((place) => place >= (position?.commit ?? 0n) && place <= last)).toBe(true);
  });

  it("tells checkpoints while nothing passes its filter, and another one goes on from each with no event lost or repeated", async () => {
    const client = await connect(open);
    for (let part = 0; part < 4; part++) {
      await client.appendToStream("noise-1", numbered(100));
      await client.appendToStream("rare-1", numbered(1));
    }
    const rare = (await collect(client.readAll({ filter: streamNameFilter({ prefixes: ["rare-"] }) }))).map(
      ({ event }) => event?.position.commit ?? -1n,
    );
    const seenBefore: { readonly place: Position; readonly seen: number }[] = [];
    const first = client.subscribeToAll({
      filter: streamNameFilter({
        prefixes: ["rare-"],
        checkpointInterval: 1,
        checkpointReached: (_subscription, place) =>
          void seenBefore.push({ place, seen: rare.filter((commit) => commit <= place.commit).length }),
      }),
    });
    const followed = follow(first);
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(commits(followed.entries)).toEqual(rare);
    expect(seenBefore.length).toBeGreaterThanOrEqual(4);
    for (const { place, seen } of [seenBefore[0], seenBefore[2], seenBefore.at(-1)].flatMap((at) => (at === undefined ? [] : [at]))) {
      const resumed = follow(client.subscribeToAll({ fromPosition: place, filter: streamNameFilter({ prefixes: ["rare-"] }) }));
      await vi.waitFor(() => expect(resumed.caughtUp).toHaveLength(1), PATIENT);
      expect(commits(resumed.entries)).toEqual(rare.slice(seen));
    }
  });

  it("tells checkpoints of what comes too, though nothing of it passes its filter", async () => {
    const client = await connect(open);
    await client.appendToStream("rare-1", numbered(1));
    const checkpoints: Position[] = [];
    const filter = streamNameFilter({ prefixes: ["rare-"], checkpointReached: (_subscription, place) => void checkpoints.push(place) });
    const followed = follow(client.subscribeToAll({ filter }));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    const { position } = await client.appendToStream("noise-1", numbered(1));
    for (let part = 0; part < 20; part++) await client.appendToStream("noise-1", numbered(8));
    const live = () => checkpoints.filter(({ commit }) => commit > (position?.commit ?? 0n));
    await vi.waitFor(() => expect(live().length).toBeGreaterThanOrEqual(4), PATIENT);
    await client.appendToStream("rare-1", numbered(1));
    await vi.waitFor(() => expect(namesOf(followed)).toEqual(["0@rare-1", "1@rare-1"]), PATIENT);
    const places = checkpoints.map(({ commit }) => Number(commit));
    expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
  });

  it("with what is no regular expression ends with an error, and the client goes on", async () => {
    const client = await connect(open);
    const followed = follow(client.subscribeToAll({ filter: eventTypeFilter({ regex: "(" }) }));
    await vi.waitFor(() => expect(followed.errors).toHaveLength(1), PATIENT);
    expect(await client.appendToStream("account-1", numbered(1))).toMatchObject({ success: true });
  });

  it("may be left and gone on with from the last event, with none lost or repeated while others write", async () => {
    const client = await connect(open);
    const writing = Promise.all(
      ["a-1", "b-1", "c-1"].map(async (name) => {
        for (let part = 0; part < 20; part++) await client.appendToStream(name, numbered(3));
      }),
    );
    const seen: Position[] = [];
    while (seen.length < 180) {
      let left = 17;
      for await (const { event } of client.subscribeToAll({ fromPosition: seen.at(-1) ?? "start" })) {
        if (event !== undefined) seen.push(event.position);
        left -= 1;
        if (left === 0 || seen.length === 180) break;
      }
    }
    await writing;
    expect(seen.map(({ commit }) => commit)).toEqual(commits(await collect(client.readAll())));
  });

  it("that is paused falls behind, and tells everything once when it goes on", { timeout: 30_000 }, async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const subscription = client.subscribeToAll({ fromPosition: "end" });
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
    await vi.waitFor(() => expect(followed.entries.length).toBe(1000), { timeout: 20_000 });
    expect(followed.entries.map(({ event }) => event?.revision)).toEqual(Array.from({ length: 1000 }, (_, number) => BigInt(number + 1)));
    await vi.waitFor(() => expect(followed.log.findLast((word) => word !== "event")).toBe("caughtUp"), PATIENT);
    expect(followed.fellBehind.length).toBeGreaterThan(0);
    const place = {
      date: expect.any(Date) as Date,
      position: { commit: expect.any(BigInt) as bigint, prepare: expect.any(BigInt) as bigint },
    };
    expect(followed.fellBehind).toEqual(followed.fellBehind.map(() => place));
    expect(followed.caughtUp).toEqual(followed.caughtUp.map(() => place));
  });
});
