import type { NewEvent, WriteItem } from "@reactive-domain/persistence";
import type { Version } from "@reactive-domain/core";
import { hashOf } from "./random.ts";
import { SCRAP_WRITES } from "./workload.ts";

/** What begins the name of each stream that is to be removed. */
export const SCRAP = "scrap-";
/** The caller that writes them. */
export const CLEANER = "scrap";

/** The life of a stream that is to be removed, by its number alone: whoever goes on with it, or looks at it, knows it. */
export interface ScrapLife {
  readonly stream: string;
  readonly hiding: "delete" | "tombstone" | "truncateBefore" | "maxCount";
  readonly firstCount: number;
  /** How many it shows, or where they begin. */
  readonly keep: number;
  readonly secondCount: number;
}

function scrapLife(number: number): ScrapLife {
  const stream = `${SCRAP}${number}`;
  const hash = hashOf(stream);
  const hiding = (["delete", "tombstone", "truncateBefore", "maxCount"] as const)[hash % 4] ?? "delete";
  const firstCount = 5 + (hash % 60);
  return { stream, hiding, firstCount, keep: 1 + (hash % firstCount), secondCount: hiding === "tombstone" ? 0 : 3 };
}

/** Which step of which life a write of the one who cleans up is. */
export function scrapStep(write: number): { readonly life: ScrapLife; readonly step: number } {
  return { life: scrapLife(Math.floor(write / SCRAP_WRITES)), step: write % SCRAP_WRITES };
}

export function hideItem({ stream, hiding, keep }: ScrapLife): WriteItem {
  if (hiding === "delete" || hiding === "tombstone") return { kind: hiding, stream, expectedVersion: "any" };
  return { kind: "metadata", stream, metadata: hiding === "maxCount" ? { maxCount: keep } : { truncateBefore: keep as Version } };
}

export function fillItem({ stream }: ScrapLife, events: readonly NewEvent[]): WriteItem {
  return { kind: "append", stream, expectedVersion: "any", events };
}

/** The versions that a stream shows after so many steps. */
export function shownVersions({ hiding, firstCount, keep, secondCount }: ScrapLife, steps: number): readonly number[] {
  const count = (steps > 0 ? firstCount : 0) + (steps > 2 ? secondCount : 0);
  const all = Array.from({ length: count }, (_, version) => version);
  if (steps < 2) return all;
  if (hiding === "maxCount") return all.slice(-keep);
  return all.slice(hiding === "truncateBefore" ? keep : firstCount);
}
