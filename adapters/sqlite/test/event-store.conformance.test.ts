import { openSqliteStore } from "@reactive-domain/sqlite";
import { eventStoreCases } from "@reactive-domain/testing/conformance";
import { describe, test } from "vitest";
import { temporaryFile } from "./temporary-directory.ts";

describe("the SQLite store keeps the promises of the event store port", () => {
  for (const conformance of eventStoreCases) {
    test([conformance.name, ...conformance.behaviours].join(" | "), () => conformance.run(() => openSqliteStore(temporaryFile())));
  }
});
