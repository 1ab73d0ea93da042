import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore, type KindOfStore } from "@reactive-domain/store-tests/every-store";
import { casesWithin, eventStoreCases, type ConformanceCase } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";
import { openRanked } from "./served-stores.ts";

/** The conformance suite through a server over one kind of store. */
export function keepsPromisesOver(name: KindOfStore["name"]): void {
  const kinds = everyStore.filter((kind) => kind.name === name);
  describe.each(kinds)("the KurrentDB store keeps the promises of the event store port through a server over $name", async ({ open }) => {
    for (const one of await casesWithinGaps())
      it([one.name, ...one.behaviours].join(" | "), () => one.run(async () => openRanked(await open())), 150_000);
  });
}

async function casesWithinGaps(): Promise<readonly ConformanceCase[]> {
  await using store = await openRanked(createInMemoryStore());
  return casesWithin(store.gaps, eventStoreCases);
}
