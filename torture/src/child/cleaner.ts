import { CLEANER, fillItem, hideItem, scrapStep } from "../scrap.ts";
import type { WriteItem } from "@reactive-domain/persistence";
import type { Caller, Desk } from "./desk.ts";
import { report } from "./reporter.ts";
import { eventsOf, pause } from "./writers.ts";

/** Fills streams, hides what is in them, and scavenges. There is one at a time, so that all it removes is known to have been there. */
export async function runCleaner(desk: Desk): Promise<void> {
  const caller = desk.caller(CLEANER);
  await caller.repeat();
  while (!desk.orders.isLast) {
    const { life, step } = scrapStep(caller.count);
    if (step === 0) await scavenge(desk);
    await caller.write([itemOf(caller, desk.orders.seed)]);
    // A tombstone is the last that can be written: its stream's third step only says something about it.
    if (step === 2 && life.hiding !== "tombstone") await pause(caller);
  }
}

function itemOf(caller: Caller, seed: number): WriteItem {
  const { life, step } = scrapStep(caller.count);
  if (step === 0) return fillItem(life, eventsOf(caller, "scrap", life.firstCount, seed));
  if (step === 1 || life.secondCount === 0) return hideItem(life);
  return fillItem(life, eventsOf(caller, "scrap", life.secondCount, seed));
}

async function scavenge({ store }: Desk): Promise<void> {
  report({ kind: "scavenging" });
  await store.scavenge();
}
