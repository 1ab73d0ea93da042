import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { casesWithin, eventStoreCases, type StoreFactory } from "@reactive-domain/testing/conformance";
import { afterAll, describe, it } from "vitest";

// #region conformance
const folder = mkdtempSync(join(tmpdir(), "conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const open: StoreFactory = () => openSqliteStore(join(folder, `${files++}.db`));
await using store = await open();

describe("the SQLite store keeps the promises of the event store port", () => {
  for (const { name, behaviours, run } of casesWithin(store.gaps, eventStoreCases)) {
    it([name, ...behaviours].join(" | "), () => run(open));
  }
});
// #endregion
