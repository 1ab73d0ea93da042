import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import * as expectations from "./wrong-expectations.ts";
import * as reads from "./wrong-reads.ts";
import * as scavenges from "./wrong-scavenges.ts";
import * as streams from "./wrong-streams.ts";
import { HidesTheSystem, openToEverybody } from "./wrong-system-streams.ts";
import { blamesItsReader, storeThatSubscribes } from "./wrong-subscriptions.ts";

const driven = (makeDriver: () => EventStoreDriver) => (): EventStore => createEventStore(makeDriver());

/** What is wrong with how a store deletes, hides, scavenges and ends its reads, and the case that finds it out. */
export const WRONG_STREAM_STORES: readonly (readonly [fault: string, open: () => EventStore, caughtBy: string])[] = [
  [
    "shows one event more than maxCount says",
    driven(() => new streams.ShowsOneMore()),
    "maxCount shows the last events of a stream, exactly as many, also when more come",
  ],
  [
    "takes the milliseconds of maxAgeMs for seconds",
    driven(() => new streams.CountsAgeInSeconds()),
    "maxAgeMs hides events when they are older, the oldest first, and not before",
  ],
  ["looks at one limit of a stream only", driven(() => new streams.PrefersMaxCount()), "of several limits the strictest counts"],
  ["forgets custom metadata", driven(() => new streams.ForgetsCustom()), "what is said about a stream comes back as it was said"],
  [
    "adds metadata to what was said before",
    driven(() => new streams.MergesMetadata()),
    "what is said about a stream replaces all that was said before",
  ],
  [
    "keeps the metadata object that it was given",
    driven(() => new streams.KeepsTheObject()),
    "what is said about a stream does not change with the objects that were handed in or out",
  ],
  [
    "deletes from the log at once",
    driven(() => new streams.ScavengesAtOnce()),
    "deleted events stay in the log, in their category and in their type",
  ],
  [
    "removes what metadata hides from the log at once",
    driven(() => new streams.ScavengesAtOnce()),
    "the log, its categories and its types show what is hidden in a stream",
  ],
  [
    "starts numbers anew behind a deletion",
    driven(() => new streams.StartsNumbersAnew()),
    "a deleted stream that is written again goes on with its numbers, and hides what was deleted",
  ],
  [
    "tells the version of a deleted stream in a conflict",
    driven(() => new streams.RemembersTheVersion()),
    "who writes to a deleted stream must not believe that it exists",
  ],
  ["refuses to delete a stream twice", driven(() => new streams.DeletesOnce()), "deleting again changes nothing"],
  [
    "keeps the snapshot of a deleted stream",
    driven(() => new streams.KeepsSnapshots()),
    "deleting a stream removes the snapshot of its name, and no other",
  ],
  [
    "passes expectations over",
    driven(() => new expectations.PassesExpectationsOver()),
    "nothing of a write is done where one of its expectations is wrong, wherever it stands",
  ],
  [
    "looks at what is expected before it writes, and not while it does",
    driven(() => new expectations.LooksBeforeItWrites()),
    "a write that is repeated is answered as it was, whatever became of what it expected",
  ],
  [
    "decides about expectations before it is the turn of their write",
    driven(() => new expectations.LooksBeforeItWrites()),
    "of several writers that expect each other's streams to be as they were, exactly one is done",
  ],
  [
    "expects a deleted stream as it was",
    driven(() => new expectations.ExpectsTheDeleted()),
    "an expectation takes a deleted stream for none, until it is written again",
  ],
  [
    "expects a stream that was deleted for ever as if it were none",
    driven(() => new expectations.ExpectsTheTombstoned()),
    "an expectation of a stream that was deleted for ever is refused, whatever it is",
  ],
  [
    "makes a stream of what it looks at",
    driven(() => new expectations.MakesWhatItLooksAt()),
    "an expectation alone is met or refused, and changes nothing",
  ],
  [
    "takes names of the system from everybody",
    openToEverybody,
    "streams and event types of the system are written where that is asked for, and by nobody else",
  ],
  [
    "hides what is the system's",
    driven(() => new HidesTheSystem()),
    "events of the system are read from every source like others, in both directions",
  ],
  [
    "gives no follower what is the system's",
    driven(() => new HidesTheSystem()),
    "streams of the system are followed like others, from their past into what comes",
  ],
  [
    "lets a stream that was deleted for ever be written",
    driven(() => new streams.RevivesTombstoned()),
    "a stream that was deleted for ever refuses to be written, whatever its writer believes",
  ],
  [
    "bars no name of a stream that never was",
    driven(() => new streams.BarsOnlyWhatWas()),
    "a stream that never was can be deleted for ever: its name is barred",
  ],
  [
    "looks for the end of a stream before it looks for a repetition",
    driven(() => new streams.LooksForTombstonesFirst()),
    "an append that is repeated is recognised although its stream was deleted for ever",
  ],
  [
    "takes a stream whose events are hidden for none",
    driven(() => new streams.MissesTheHidden()),
    "a stream all of whose events are hidden exists: its reads and its state tell its last version",
  ],
  [
    "says of every stream that it is there",
    driven(() => new streams.InventsStreams()),
    "of a stream that does not exist a store tells that it is missing",
  ],
  [
    "does not tell what a scavenge removed",
    driven(() => new streams.CountsNothing()),
    "a scavenge tells how many events it removed, and their bytes",
  ],
  [
    "gives the position of a scavenged last event again",
    driven(() => new scavenges.ReusesPositions()),
    "versions and positions go on behind what a scavenge removed, also behind the last event of the log",
  ],
  [
    "scavenges one event too many",
    driven(() => new scavenges.ScavengesTooMuch()),
    "a scavenge removes what maxCount and truncateBefore hide, and no event more",
  ],
  [
    "remembers the ids of what it scavenged",
    driven(() => new scavenges.RemembersRemovedIds()),
    "a scavenge forgets the ids of what it removes: written again, they are new",
  ],
  [
    "takes a hole in the log for its end",
    driven(() => new scavenges.StopsAtHoles()),
    "every source is read over holes, in both directions, page by page, to an end",
  ],
  [
    "loses the end of the log to a scavenge",
    driven(() => new scavenges.LosesTheEnd()),
    "a subscription goes on behind a place whose event was removed, also the last of the log",
  ],
  [
    "ignores the correlation in a filter",
    driven(() => new reads.IgnoresCorrelation()),
    "a filter by correlation lets exactly the events of one chain through, read forwards and backwards",
  ],
  [
    "forgets the other conditions beside a single type",
    driven(() => new reads.FiltersByOneCondition()),
    "a filter by categories and others lets through what fits all, from every source, read forwards and backwards",
  ],
  [
    "ends a read one place too early",
    () => reads.storeThatEnds(reads.movedBy(-1)),
    "a read of a stream up to a version gives what lies up to it, in both directions",
  ],
  [
    "ends a read one place too late",
    () => reads.storeThatEnds(reads.movedBy(1)),
    "a read up to a position gives what lies up to it, from every source, in both directions",
  ],
  [
    "ends a read before the time that it was told",
    () => reads.storeThatEnds(reads.movedBy(-1)),
    "a read up to a time gives what was committed by then, in both directions",
  ],
  [
    "exceeds the bytes of a batch",
    driven(() => new reads.ExceedsBytes()),
    "a batch has no more bytes than asked for, but always an event, and no event is lost",
  ],
  [
    "loses an event that is larger than a batch",
    driven(() => new reads.LosesLargeEvents()),
    "a subscription's batches have no more bytes than asked for, but always an event",
  ],
  [
    "lets the time of commit go back with its clock",
    driven(() => new reads.LetsTimeGoBack()),
    "times of commit do not go back along the log although the clock does",
  ],
  [
    "says of every end of a subscription that its reader wanted it",
    () => storeThatSubscribes(blamesItsReader),
    "a subscription whose signal aborts tells so, with the signal's reason, also when nobody reads it",
  ],
];
