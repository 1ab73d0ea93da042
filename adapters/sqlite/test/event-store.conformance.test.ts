import { openSqliteStore } from "@reactive-domain/sqlite";
import { eventStoreCases } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";
import { temporaryFile } from "./temporary-directory.ts";

// #region conformance
describe("the SQLite store keeps the promises of the event store port", () => {
  for (const { name, behaviours, run } of eventStoreCases) {
    it([name, ...behaviours].join(" | "), () => run(() => openSqliteStore(temporaryFile())));
  }
});
// #endregion
