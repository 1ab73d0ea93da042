import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, test } from "vitest";

const STORES = 6;

describe.each(await postgresServers())("$name", ({ url }) => {
  test("stores that are opened at the same time where there is none make one, and all of them are it", async () => {
    const schema = temporarySchema(url);
    const opened = await Promise.all(Array.from({ length: STORES }, () => openPostgresStore(url, { schema })));
    await Promise.all(opened.map((store) => store.append("account-1", [newEvent()], { expectedVersion: "any" })));
    const [store] = opened;
    expect(await collect(store as (typeof opened)[0], { all: true })).toHaveLength(STORES);
    await Promise.all(opened.map((each) => each.close()));
  });
});
