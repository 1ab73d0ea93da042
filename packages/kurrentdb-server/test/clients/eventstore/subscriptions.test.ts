import { StreamDeletedError, eventTypeFilter, excludeSystemEvents, streamNameFilter, type Position } from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow, type Followed } from "../follow.ts";
import { connect, numbered } from "./connect.ts";

const PATIENT = { timeout: 8000 };

interface Entry {
  readonly event?: { readonly revision: bigint; readonly streamId: string };
}
const namesOf = ({ entries }: Followed<Entry>) => entries.map(({ event }) => `${event?.revision}@${event?.streamId}`);

describe.each(everyStore)("on $name", ({ open }) => {
  it("a subscription to a stream tells what there is and what comes, from where it is asked to", async () => {
    const client = await connect(open);
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-1", numbered(3));
    const followed = [
      follow(client.subscribeToStream("account-1")),
      follow(client.subscribeToStream("account-1", { fromRevision: 1n })),
      follow(client.subscribeToStream("account-1", { fromRevision: "end" })),
    ] as const;
    await vi.waitFor(() => expect(followed.map(({ caughtUp }) => caughtUp.length)).toEqual([1, 1, 1]), PATIENT);
    await client.appendToStream("account-1", numbered(1));
    const expected = [["0@account-1", "1@account-1", "2@account-1", "3@account-1"], ["2@account-1", "3@account-1"], ["3@account-1"]];
    await vi.waitFor(() => expect(followed.map(namesOf)).toEqual(expected), PATIENT);
    expect(followed.map(({ log }) => log.filter((word) => word !== "event"))).toEqual(followed.map(() => ["confirmation", "caughtUp"]));
  });

  it("a subscription to the log tells what there is and what comes, from where it is asked to", async () => {
    const client = await connect(open);
    const { position } = await client.appendToStream("account-1", numbered(1));
    await client.appendToStream("account-2", numbered(1));
    const followed = [
      follow(client.subscribeToAll()),
      follow(client.subscribeToAll({ fromPosition: position ?? "end" })),
      follow(client.subscribeToAll({ fromPosition: "end" })),
    ] as const;
    await vi.waitFor(() => expect(followed.map(({ caughtUp }) => caughtUp.length)).toEqual([1, 1, 1]), PATIENT);
    await client.appendToStream("account-3", numbered(1));
    const expected = [["0@account-1", "0@account-2", "0@account-3"], ["0@account-2", "0@account-3"], ["0@account-3"]];
    await vi.waitFor(() => expect(followed.map(namesOf)).toEqual(expected), PATIENT);
  });

  it.each([
    ["prefixes of names", streamNameFilter({ prefixes: ["account-", "savings-"] }), ["0@account-1", "0@savings-1", "1@account-1"]],
    ["names by a regular expression", streamNameFilter({ regex: "^acc.*-\\d$" }), ["0@account-1", "1@account-1"]],
    ["prefixes of types", eventTypeFilter({ prefixes: ["ra"] }), ["0@noise-1", "1@account-1"]],
    ["types by a regular expression", eventTypeFilter({ regex: "^rare$" }), ["0@noise-1", "1@account-1"]],
    ["no system events", excludeSystemEvents(), ["0@account-1", "0@savings-1", "0@noise-1", "1@account-1"]],
  ])("a subscription is filtered by %s", async (_name, filter, expected) => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.appendToStream("savings-1", numbered(1));
    await client.setStreamMetadata("savings-1", { maxCount: 5 });
    await client.appendToStream("noise-1", numbered(1, "rare"));
    const followed = follow(client.subscribeToAll({ filter }));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await client.appendToStream("account-1", numbered(1, "rare"));
    await vi.waitFor(() => expect(namesOf(followed)).toEqual(expected), PATIENT);
  });

  it("a subscription with a filter tells checkpoints, and another one goes on from there", async () => {
    const client = await connect(open);
    for (let part = 0; part < 3; part++) {
      await client.appendToStream("noise-1", numbered(100));
      await client.appendToStream("rare-1", numbered(1));
    }
    const checkpoints: Position[] = [];
    const prefixes = ["rare-"];
    const followed = follow(
      client.subscribeToAll({
        filter: streamNameFilter({ prefixes, checkpointInterval: 1, checkpointReached: (_, position) => void checkpoints.push(position) }),
      }),
    );
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    expect(namesOf(followed)).toEqual(["0@rare-1", "1@rare-1", "2@rare-1"]);
    expect(checkpoints.length).toBeGreaterThanOrEqual(3);
    const rare = followed.entries.map(({ event }) => event?.position.commit ?? -1n);
    const middle = checkpoints.find(({ commit }) => commit >= (rare[0] ?? 0n)) ?? "start";
    const resumed = follow(client.subscribeToAll({ fromPosition: middle, filter: streamNameFilter({ prefixes }) }));
    await vi.waitFor(() => expect(resumed.caughtUp).toHaveLength(1), PATIENT);
    expect(namesOf(resumed)).toEqual(["1@rare-1", "2@rare-1"]);
  });

  it("a subscription to a stream that is not there waits for it, and ends when it is tombstoned", async () => {
    const client = await connect(open);
    const followed = follow(client.subscribeToStream("account-1"));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await client.appendToStream("account-1", numbered(1));
    await vi.waitFor(() => expect(namesOf(followed)).toEqual(["0@account-1"]), PATIENT);
    await client.tombstoneStream("account-1");
    await vi.waitFor(() => expect(followed.errors).toHaveLength(1), PATIENT);
    expect(followed.errors[0]).toBeInstanceOf(StreamDeletedError);
    expect(followed.errors).toMatchObject([{ streamName: "account-1" }]);
  });

  it("a subscription may be left and gone on with, with no event lost or repeated while others write", async () => {
    const client = await connect(open);
    const writing = Promise.all(
      ["a-1", "b-1"].map(async (name) => {
        for (let part = 0; part < 20; part++) await client.appendToStream(name, numbered(3));
      }),
    );
    const seen: Position[] = [];
    while (seen.length < 120) {
      let left = 13;
      for await (const { event } of client.subscribeToAll({ fromPosition: seen.at(-1) ?? "start" })) {
        if (event !== undefined) seen.push(event.position);
        left -= 1;
        if (left === 0 || seen.length === 120) break;
      }
    }
    await writing;
    expect(seen).toEqual((await collect(client.readAll())).map(({ event }) => event?.position));
  });

  it("a subscription ends when it is told to, and tells nothing more", async () => {
    const client = await connect(open);
    const subscription = client.subscribeToStream("account-1");
    const followed = follow(subscription);
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await subscription.unsubscribe();
    await vi.waitFor(() => expect(followed.log.at(-1)).toBe("end"), PATIENT);
    await client.appendToStream("account-1", numbered(1));
    expect([followed.entries, followed.errors]).toEqual([[], []]);
  });

  it("a category is followed with its links resolved", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    const followed = follow(client.subscribeToStream("$ce-account", { resolveLinkTos: true }));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1), PATIENT);
    await client.appendToStream("other-1", numbered(1));
    await client.appendToStream("account-2", numbered(1));
    await vi.waitFor(() => expect(namesOf(followed)).toEqual(["0@account-1", "0@account-2"]), PATIENT);
    expect(followed.entries.map(({ link }) => link?.streamId)).toEqual(["$ce-account", "$ce-account"]);
  });
});
