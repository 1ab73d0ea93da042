import { randomBytes } from "node:crypto";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers } from "@reactive-domain/test-servers";
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
});
