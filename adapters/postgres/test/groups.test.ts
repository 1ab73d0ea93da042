import { randomBytes } from "node:crypto";
import { newEvent } from "@reactive-domain/store-tests";
import { openPostgresStore } from "@reactive-domain/postgres";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, it } from "vitest";
import { emptyStores } from "./empty-stores.ts";

describe.each(await postgresServers())("consumer groups on $name", ({ url }) => {
  const open = emptyStores(url);

  it("keep the order of chains whose correlation id is longer than an index takes", async () => {
    await using store = await open();
    const metadata = JSON.stringify({ correlationId: randomBytes(50_000).toString("base64") });
    for (const stream of ["account-1", "order-1"]) await store.append(stream, [newEvent({ metadata })], { expectedVersion: "noStream" });
    await store.append("account-1", [newEvent()], { expectedVersion: "exists" });
    await store.groups.create("chains", { source: { all: true }, orderBy: "correlation" });
    const [first] = await store.groups.claim("chains", { consumer: "one", maxEvents: 1 });
    const others = await store.groups.claim("chains", { consumer: "two", maxEvents: 10 });
    expect([first?.position, ...others.map(({ position }) => position)]).toEqual([0, 2]);
  });

  it("that took what they do not know that they took are moved behind it by the migration that ends that", async () => {
    const schema = temporarySchema(url);
    const before = await openPostgresStore(url, { schema });
    await before.append("account-1", [newEvent(), newEvent(), newEvent()], { expectedVersion: "noStream" });
    await before.groups.create("mailer", { source: { stream: "account-1" }, orderBy: "none" });
    await before.groups.claim("mailer", { consumer: "one", maxEvents: 3 });
    await before.close();
    await withClient(url, (client) =>
      client.query(`UPDATE "${schema}".consumer_groups SET next = 1; DELETE FROM "${schema}".migrations WHERE version > 10`),
    );
    await using store = await openPostgresStore(url, { schema });
    await store.append("account-1", [newEvent()], { expectedVersion: "exists" });
    const claimed = await store.groups.claim("mailer", { consumer: "two", maxEvents: 10 });
    expect(claimed.map(({ position }) => position)).toEqual([3]);
  });
});
