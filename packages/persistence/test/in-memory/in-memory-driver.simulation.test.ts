import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { createTestRuntime } from "@reactive-domain/testing";
import { eventStoreCases } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

describe("the in-memory store keeps its promises in whatever order waiting steps go on", () => {
  for (const one of eventStoreCases) {
    it(one.name, async () => {
      for (const seed of SEEDS) await createTestRuntime({ seed }).run(() => one.run(async () => createInMemoryStore()));
    });
  }
});
