import { PersistentSubscriptionDoesNotExistError, PersistentSubscriptionExistsError } from "@kurrent/kurrentdb-client";
import { sleep } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { consume } from "../consume.ts";
import { refusalOf } from "../refusal-of.ts";
import { serve } from "../serve.ts";
import { connect, connectTo, numbered } from "./connect.ts";
import { ofStream } from "./persistent-groups.ts";

const PATIENT = { timeout: 8000 };
const PARKED = "$persistentsubscription-account-1::readers-parked";

/** A store that takes its time for the writes that delete streams. */
function slowToDelete(store: EventStore): EventStore {
  const write: EventStore["write"] = async (items, options) => {
    if (items.some(({ kind }) => kind === "delete")) await sleep(500);
    return store.write(items, options);
  };
  return new Proxy(store, {
    get: (target, key) => {
      const value: unknown = key === "write" ? write : Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

async function parkedCount(client: ReturnType<typeof connectTo>): Promise<number> {
  const { stats } = await client.getPersistentSubscriptionToStreamInfo("account-1", "readers");
  return Number(stats.parkedMessageCount);
}

describe("a persistent subscription that is being deleted", () => {
  it("can be made again before that has ended, and keeps what it parks then", async () => {
    const client = await connect(async () => slowToDelete(createInMemoryStore()));
    await client.appendToStream("account-1", numbered(3));
    const make = async () => client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    const parkAll = async () => {
      consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), async (entry, subscription) =>
        subscription.nack("park", "", entry),
      );
      await vi.waitFor(async () => expect(await parkedCount(client)).toBeGreaterThanOrEqual(3), PATIENT);
    };
    await make();
    await parkAll();
    const deleted = client.deletePersistentSubscriptionToStream("account-1", "readers");
    await vi.waitFor(make, PATIENT);
    await parkAll();
    await deleted;
    expect(await parkedCount(client)).toBe(3);
  });

  it("is in no list, and can be deleted again where that was broken off", async () => {
    const store = createInMemoryStore();
    const client = connectTo((await serve(async () => store)).url);
    for (const group of ["readers", "others"]) await client.createPersistentSubscriptionToStream("account-1", group, ofStream());
    const groups = await store.groups.list();
    for (const { name } of groups) if (name.includes("readers")) await store.groups.delete(name);
    expect((await client.listAllPersistentSubscriptions()).map(({ groupName }) => groupName)).toEqual(["others"]);
    const asked = [
      async () => client.getPersistentSubscriptionToStreamInfo("account-1", "readers"),
      async () => client.updatePersistentSubscriptionToStream("account-1", "readers", ofStream({ startFrom: 5n })),
    ];
    for (const call of asked) {
      const refused = await refusalOf(call());
      expect(refused).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
      expect(refused).toMatchObject({ message: expect.stringContaining("is being deleted") as unknown });
    }
    await client.deletePersistentSubscriptionToStream("account-1", "readers");
    const again = await refusalOf(client.deletePersistentSubscriptionToStream("account-1", "readers"));
    expect(again).toMatchObject({ message: expect.stringContaining("There is nothing to delete.") as unknown });
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
  });
});

describe.each(everyStore)("the stream of parked messages on $name", ({ open }) => {
  it("is of one subscription alone", async () => {
    const client = await connect(open);
    await client.createPersistentSubscriptionToStream("account", "1::readers", ofStream());
    const refused = await refusalOf(client.createPersistentSubscriptionToStream("account::1", "readers", ofStream()));
    expect(refused).toBeInstanceOf(PersistentSubscriptionExistsError);
    expect(refused).toMatchObject({ message: expect.stringContaining("would park in the same stream") as unknown });
  });

  it("may be read by those who might before, when messages are replayed, and shows nothing again that was replayed", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(20));
    await client.createPersistentSubscriptionToStream("account-1", "readers", ofStream());
    let isParking = true;
    const consumed = consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"), async (entry, subscription) =>
      isParking ? subscription.nack("park", "", entry) : subscription.ack(entry),
    );
    await vi.waitFor(async () => expect(await parkedCount(client)).toBe(20), PATIENT);
    isParking = false;
    const metadata = { acl: { readRoles: ["readers"] }, owner: "accounting" };
    await client.setStreamMetadata(PARKED, metadata);
    const replays = [15, 5, 10, 0].map(async (stopAt) => client.replayParkedMessagesToStream("account-1", "readers", { stopAt }));
    await Promise.all(replays);
    expect((await client.getStreamMetadata(PARKED)).metadata).toMatchObject({ ...metadata, truncateBefore: 15 });
    await vi.waitFor(() => expect(consumed.entries).toHaveLength(35), PATIENT);
    expect(await parkedCount(client)).toBe(5);
  });
});
