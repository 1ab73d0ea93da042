import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { casesWithin, eventStoreCases, type ConformanceCase } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";
import { openRanked, openServed } from "./served-stores.ts";

type Serve = (store: EventStore) => Promise<EventStore>;

describe.each(everyStore)(
  "the KurrentDB store keeps the promises of the event store port through a server over $name",
  async ({ open }) => {
    for (const { name, behaviours, run } of await casesOf(openRanked))
      it([name, ...behaviours].join(" | "), () => run(async () => openRanked(await open())), 60_000);
  },
);

describe("the KurrentDB store, whose positions have holes, keeps those that ask for none", async () => {
  for (const { name, behaviours, run } of await casesOf(openServed))
    it([name, ...behaviours].join(" | "), () => run(async () => openServed(createInMemoryStore())), 60_000);
});

async function casesOf(serve: Serve): Promise<readonly ConformanceCase[]> {
  await using store = await serve(createInMemoryStore());
  return casesWithin(store.gaps, eventStoreCases);
}
