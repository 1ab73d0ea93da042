import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { eventStoreCases } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";

describe("the in-memory store keeps the promises of the event store port", () => {
  for (const one of eventStoreCases) {
    it([one.name, ...one.behaviours].join(" | "), () => one.run(async () => createInMemoryStore()));
  }
});
