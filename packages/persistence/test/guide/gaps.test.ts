import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";

it("a store says what it lacks", async () => {
  await using store = createInMemoryStore();
  // #region gaps
  const hasSnapshots = store.gaps.snapshots === undefined; // otherwise the reason stands there
  const state = hasSnapshots ? await store.snapshot("account-1") : undefined;
  // #endregion
  expect({ hasSnapshots, state }).toEqual({ hasSnapshots: true, state: undefined });
});
