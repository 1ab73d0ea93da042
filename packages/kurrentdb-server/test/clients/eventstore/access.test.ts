import { AccessDeniedError, START, type EventStoreDBClient } from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { passwordOf, serveSecured } from "../serve-secured.ts";
import { connectTo, numbered } from "./connect.ts";

describe.each(everyStore)("with access control over $name the older client", ({ open }) => {
  it("does what its user may, and has its own error for the rest", async () => {
    const { urlFor } = await serveSecured(await open(), { ann: ["sales"], eve: [] });
    const [admin, ann, eve, wrong] = [urlFor("admin"), urlFor("ann"), urlFor("eve"), urlFor("ann", "wrong")].map((url) =>
      connectTo(url),
    ) as [EventStoreDBClient, EventStoreDBClient, EventStoreDBClient, EventStoreDBClient];
    await admin.setStreamMetadata("account-1", { acl: { readRoles: ["sales"], writeRoles: ["sales"] } });
    await ann.appendToStream("account-1", numbered(1));
    await ann.appendToStream("account-1", numbered(1), { credentials: { username: "ann", password: passwordOf("ann") } });
    expect(await collect(ann.readStream("account-1"))).toHaveLength(2);
    for (const client of [eve, wrong]) {
      expect(await refusalOf(client.appendToStream("account-1", numbered(1)))).toBeInstanceOf(AccessDeniedError);
      expect(await refusalOf(collect(client.readStream("account-1")))).toBeInstanceOf(AccessDeniedError);
    }
    expect(await refusalOf(collect(ann.readAll()))).toBeInstanceOf(AccessDeniedError);
    const followed = follow(ann.subscribeToStream("account-1", { fromRevision: START }));
    await vi.waitFor(() => expect(followed.entries).toHaveLength(2), { timeout: 8_000 });
    await admin.setStreamMetadata("account-1", { acl: { readRoles: [] } });
    await vi.waitFor(() => expect(followed.errors).toEqual([expect.any(AccessDeniedError)]), { timeout: 8_000 });
  });
});
