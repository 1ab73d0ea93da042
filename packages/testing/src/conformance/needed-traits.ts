import type { Capability } from "@reactive-domain/persistence";
import { requiring, type ConformanceCase } from "./conformance-case.ts";
import type { Guarantee } from "./guarantee.ts";

/** The cases that rely on what few systems behind a store cannot give, by what that is. */
export const CASES_NEEDING: Readonly<Partial<Record<Capability, readonly string[]>>> = {
  densePositions: [
    "versions count within a stream and positions within the log, both from 0 and without holes",
    "positions and versions have no holes under concurrent writers, and each append lies together",
    "a refused append takes no version and no position",
    "a checkpoint may be put at the last event of its own write, and not behind it",
  ],
  hiddenInViews: [
    "a stream that was deleted for ever reads as if it did not exist",
    "deleted events stay in the log, in their category and in their type",
    "the log, its categories and its types show what is hidden in a stream",
    "a subscription to the log gives deleted events too",
  ],
  deletedAsMissing: ["who writes to a deleted stream must not believe that it exists"],
  chosenReplays: ["what is replayed is chosen by positions, by a part of the error, and by number, the oldest first"],
  mixedItems: [
    "a deletion and an append to another stream are done together",
    "a conflict in an append leaves the stream of the same write undeleted, and the other way round",
    "metadata and an append are written together, or neither is",
    "metadata of a stream may be said in a write that expects the stream to be at a version",
    "whatever one caller writes, reads, deletes and follows, a store does what a plain list would do",
    "whatever several callers do side by side, a store does what a plain list would do that served one call after another",
  ],
};

const needs = new Map<string, Capability[]>();
for (const [capability, names] of Object.entries(CASES_NEEDING))
  for (const name of names) needs.set(name, [...(needs.get(name) ?? []), capability as Capability]);

/** Guarantees whose cases say all that they require. */
export function withNeeds(guarantees: readonly Guarantee[]): readonly Guarantee[] {
  return guarantees.map(({ id, promise, cases }) => ({ id, promise, cases: cases.flatMap(withOwnNeeds) }));
}

function withOwnNeeds(one: ConformanceCase): readonly ConformanceCase[] {
  return requiring(needs.get(one.name) ?? [], [one]);
}
