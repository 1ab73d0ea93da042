import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { consume } from "../consume.ts";
import { connect, numbered } from "./connect.ts";
import { ofAll, ofStream } from "./persistent-groups.ts";

const PATIENT = { timeout: 8000 };

describe.each(everyStore)("the status of a persistent subscription on $name", ({ open }) => {
  it("is Live where nothing is left, also without consumers and while other streams grow, and Behind where something is", async () => {
    const client = await connect(open);
    const statusOf = async (stream: string) => (await client.getPersistentSubscriptionToStreamInfo(stream, "readers")).status;
    await client.appendToStream("other-1", numbered(1));
    for (const stream of ["account-1", "$ce-account", "nothing-1"])
      await client.createPersistentSubscriptionToStream(stream, "readers", ofStream());
    await client.createPersistentSubscriptionToAll("readers", ofAll());
    expect(await statusOf("account-1")).toBe("Live");
    await client.appendToStream("account-1", numbered(3));
    expect([await statusOf("account-1"), await statusOf("$ce-account"), await statusOf("nothing-1")]).toEqual(["Behind", "Behind", "Live"]);
    for (const stream of ["account-1", "$ce-account"]) {
      const consumed = consume(client.subscribeToPersistentSubscriptionToStream(stream, "readers"), async (entry, subscription) =>
        subscription.ack(entry),
      );
      await vi.waitFor(() => expect(consumed.entries).toHaveLength(3), PATIENT);
      await vi.waitFor(async () => expect(await statusOf(stream)).toBe("Live"), PATIENT);
      await consumed.subscription.unsubscribe();
    }
    await client.appendToStream("other-1", numbered(2));
    expect([await statusOf("account-1"), await statusOf("$ce-account"), await statusOf("nothing-1")]).toEqual(["Live", "Live", "Live"]);
    expect((await client.getPersistentSubscriptionToAllInfo("readers")).status).toBe("Behind");
    await client.appendToStream("account-1", numbered(1));
    expect([await statusOf("account-1"), await statusOf("$ce-account")]).toEqual(["Behind", "Behind"]);
    await client.setStreamMetadata("account-1", { maxCount: 1 });
    consume(client.subscribeToPersistentSubscriptionToStream("account-1", "readers"));
    await vi.waitFor(
      async () => expect((await client.getPersistentSubscriptionToStreamInfo("account-1", "readers")).stats.totalInFlightMessages).toBe(1),
      PATIENT,
    );
    expect(await statusOf("account-1")).toBe("Behind");
  });
});
