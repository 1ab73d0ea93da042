import type { Gaps } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { casesWithin, eventStoreCases } from "@reactive-domain/testing/conformance";
import { describe, it } from "vitest";
import { openServed } from "./served-stores.ts";

const gaps = await gapsOfServed();

describe.each(everyStore)("the KurrentDB store keeps the promises of the event store port through a server over $name", ({ open }) => {
  for (const { name, behaviours, run } of casesWithin(gaps, eventStoreCases))
    it([name, ...behaviours].join(" | "), () => run(async () => openServed(await open())), 60_000);
});

async function gapsOfServed(): Promise<Gaps> {
  await using store = await openServed(createInMemoryStore());
  return store.gaps;
}
