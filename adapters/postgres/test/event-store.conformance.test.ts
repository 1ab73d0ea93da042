import { postgresServers } from "@reactive-domain/test-servers";
import { casesWithin, eventStoreCases } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";
import { emptyStores } from "./empty-stores.ts";

describe.each(await postgresServers())("the PostgreSQL store keeps the promises of the event store port on $name", async ({ url }) => {
  // #region conformance
  const open = emptyStores(url);
  const store = await open();
  for (const { name, behaviours, run } of casesWithin(store.gaps, eventStoreCases)) {
    it([name, ...behaviours].join(" | "), () => run(open), 60_000);
  }
  // #endregion
});
