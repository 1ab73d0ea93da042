import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, test } from "vitest";

describe.each(await postgresServers())("opening PostgreSQL stores on $name", ({ url }) => {
  test("that do not exist yet makes one, whoever opens it at the same time", { timeout: 30_000 }, async () => {
    for (let turn = 0; turn < 3; turn++) {
      const schema = temporarySchema(url);
      const stores = await Promise.all([1, 2, 3, 4].map(() => openPostgresStore(url, { schema, maxConnections: 3 })));
      const results = await Promise.all(stores.map((store) => store.append("account-1", [newEvent()], { expectedVersion: "any" })));
      expect(results.map(({ position }) => position).toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3]);
      await Promise.all(stores.map((store) => store.close()));
    }
  });
});
