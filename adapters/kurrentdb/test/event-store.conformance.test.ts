import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { casesWithin, eventStoreCases, type ConformanceCase } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";
import { openRanked } from "./served-stores.ts";

describe.each(everyStore)(
  "the KurrentDB store keeps the promises of the event store port through a server over $name",
  async ({ open }) => {
    for (const { name, behaviours, run } of await casesWithinGaps())
      it([name, ...behaviours].join(" | "), () => run(async () => openRanked(await open())), 90_000);
  },
);

async function casesWithinGaps(): Promise<readonly ConformanceCase[]> {
  await using store = await openRanked(createInMemoryStore());
  return casesWithin(store.gaps, eventStoreCases);
}
