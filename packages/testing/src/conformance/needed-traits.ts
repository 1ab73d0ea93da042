import type { Capability } from "@reactive-domain/persistence";
import { requiring, type ConformanceCase } from "./conformance-case.ts";
import type { Guarantee } from "./guarantee.ts";

/** The cases that rely on what few systems behind a store cannot give, by what that is. */
export const CASES_NEEDING: Readonly<Partial<Record<Capability, readonly string[]>>> = {
  densePositions: [
    "an append reports the version and position of its last event",
    "the events of one append are stored one behind the other, in the order given",
    "versions count within a stream and positions within the log, both from 0 and without holes",
    "a refused append takes no version and no position",
    "a write to several streams tells the outcome for each, in the order given",
    "a conflict in the second stream of a write leaves the first as it was",
    "positions and versions have no holes under concurrent writers, and each append lies together",
    "a writer that waits for each append finds its events in that order in the log",
    "a conflict among concurrent writes fails alone",
    "the same append made by several at once is written once, and all are told the same",
    "a stream name that is blank, too long, not well formed or begins with $ is refused, and nothing is written",
    "an event type that is blank, too long, not well formed or begins with $ is refused, and nothing is written",
    "an event id that is not a UUID in lower case is refused, and nothing is written",
    "a schema version that is not an integer from 1 is refused, and nothing is written",
    "a blank content type is refused, and nothing is written",
    "data that is neither text nor bytes is refused, and nothing is written",
    "metadata that is not text is refused, and nothing is written",
    "an append without events is refused, and nothing is written",
    "a write without items is refused, and nothing is written",
    "the same event id twice in one append is refused, and nothing is written",
    "the same stream twice in one write is refused, and nothing is written",
    "a write item of an unknown kind is refused, and nothing is written",
    "a category holds every event of its streams once, in commit order, with its own stream and version",
    "an event type holds every event of that type once, in commit order, with its own stream and version",
    "an event type is matched whole, with its case",
    "a stream holds its own events only, whatever the names of others",
    "nothing is lost or repeated at the switch to live, though the log grows with every message",
    "nothing is lost or repeated while writers and a subscription run side by side",
    "a subscription tells how far it has come when the log grows by what it does not select",
    "everything selected up to the position that a message tells has arrived with or before it",
    "several subscriptions, each at its own place and pace, get each event once",
    "a stream that never was can be deleted by who does not believe that it exists, and stays missing",
    "something may be said about a stream before it exists, and takes no version and no position",
    "a snapshot is put with the events of its write",
    "a checkpoint is never put behind the end of the log",
    "whatever one caller writes, reads, deletes and follows, a store does what a plain list would do",
    "whatever several callers do side by side, a store does what a plain list would do that served one call after another",
    "a repeated append is recognised before its expected version is looked at, whatever that is",
    "the same event id in another stream is another event",
    "a write is done where streams that it does not change are as expected",
    "nothing of a write is done where one of its expectations is wrong, wherever it stands",
    "a stream that does not exist gives one empty batch that tells so",
    "an empty log gives one empty batch, without a head",
    "a checkpoint moves together with the events of its write, whichever comes first in it",
    "a checkpoint may be put at the last event of its own write, and not behind it",
    "a write that is refused for its checkpoint takes no version and no position",
    "two stores have nothing in common",
    "a stream is read page by page, each event once, and every page tells the stream's last version",
  ],
  hiddenInViews: [
    "a stream that was deleted for ever reads as if it did not exist",
    "deleted events stay in the log, in their category and in their type",
    "the log, its categories and its types show what is hidden in a stream",
    "a subscription to the log gives deleted events too",
  ],
  deletedAsMissing: ["who writes to a deleted stream must not believe that it exists"],
  mixedItems: [
    "a deletion and an append to another stream are done together",
    "a conflict in an append leaves the stream of the same write undeleted, and the other way round",
    "metadata and an append are written together, or neither is",
    "metadata of a stream may be said in a write that expects the stream to be at a version",
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
