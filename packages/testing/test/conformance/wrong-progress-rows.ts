import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import * as checkpoints from "./wrong-checkpoints.ts";
import * as lateSnapshots from "./wrong-late-snapshots.ts";
import * as leases from "./wrong-leases.ts";
import * as snapshotReads from "./wrong-snapshot-reads.ts";
import * as snapshots from "./wrong-snapshots.ts";

const driven = (makeDriver: () => EventStoreDriver) => (): EventStore => createEventStore(makeDriver());

/** What is wrong with the snapshots, checkpoints or leases of a store, and the case that finds it out. */
export const WRONG_PROGRESS: readonly (readonly [fault: string, open: () => EventStore, caughtBy: string])[] = [
  [
    "puts an older snapshot over a newer one",
    driven(() => new snapshots.PutsOlderSnapshots()),
    "a snapshot that is behind the one that is there, in the same schema version, is passed over",
  ],
  [
    "compares snapshots of several schema versions",
    driven(() => new snapshots.MixesSchemas()),
    "a snapshot of another schema version takes the place also of one that is further",
  ],
  [
    "shares the bytes of a snapshot with its writer",
    driven(() => new snapshots.SharesItsBytes()),
    "bytes that change in the hands of the writer or a reader do not change the snapshot",
  ],
  [
    "puts a snapshot of what was deleted",
    driven(() => new lateSnapshots.PutsDeletedSnapshots()),
    "a snapshot of what was deleted with its stream is passed over, also when that is written again",
  ],
  [
    "puts a snapshot of what was deleted when that is written again",
    driven(() => new lateSnapshots.ForgetsOldDeletions()),
    "a snapshot of what was deleted with its stream is passed over, also when that is written again",
  ],
  [
    "puts a snapshot behind a tombstone",
    driven(() => new lateSnapshots.PutsDeletedSnapshots()),
    "a snapshot that comes behind the tombstone of its stream is passed over",
  ],
  [
    "looks whether a stream is deleted, and puts its snapshot later",
    driven(() => new lateSnapshots.LooksThenPuts()),
    "of a deletion and a snapshot of before none leaves the snapshot behind, whichever comes first",
  ],
  [
    "passes a snapshot over of what metadata hides",
    driven(() => new lateSnapshots.TakesHiddenForDeleted()),
    "events that metadata hides make no snapshot of them late",
  ],
  [
    "passes a snapshot over that is no stream's",
    driven(() => new lateSnapshots.WantsAStream()),
    "a deletion makes no snapshot late of another name, nor of one that is no stream's",
  ],
  [
    "puts a snapshot although the append conflicts",
    driven(() => new checkpoints.PutsSnapshotsFirst()),
    "a conflict puts neither the events of its write nor the snapshot",
  ],
  [
    "begins reads behind snapshots of other schemas",
    driven(() => new snapshotReads.IgnoresTheSchema()),
    "a snapshot of another schema version is passed over by reads",
  ],
  [
    "begins reads behind snapshots that are behind their end",
    driven(() => new snapshotReads.IgnoresTheEnd()),
    "a read up to a version begins behind no snapshot of a later one",
  ],
  [
    "begins reads behind the event that was asked for",
    driven(() => new snapshotReads.IgnoresTheEvent()),
    "a read that asks for an event begins behind no snapshot that has it behind it",
  ],
  [
    "begins reads behind snapshots that are ahead of their streams",
    driven(() => new snapshotReads.TakesAnySnapshot()),
    "a snapshot that is ahead of its stream is passed over by reads, until the stream has come so far",
  ],
  [
    "begins reads behind snapshots of deleted streams",
    driven(() => new snapshotReads.TakesAnySnapshot()),
    "a snapshot of a deleted stream is passed over by reads, until the stream is written again",
  ],
  [
    "gives the last event that its snapshot has once more",
    driven(() => new snapshotReads.RepeatsTheLastEvent()),
    "a read behind a snapshot gives the snapshot as it was put, and the events behind its version",
  ],
  [
    "reads the snapshot and what follows at two moments",
    driven(() => new snapshotReads.ReadsInTwoSteps()),
    "a batch that has a snapshot is of one moment, whoever writes meanwhile",
  ],
  ["tells no checkpoint as 0", driven(() => new checkpoints.TellsNoneAsZero()), "a checkpoint that was never set is null, not 0"],
  [
    "moves a checkpoint although the append conflicts",
    driven(() => new checkpoints.MovesCheckpointsFirst()),
    "a conflict in the stream of a write leaves its checkpoint where it was",
  ],
  [
    "appends although the checkpoint is elsewhere",
    driven(() => new checkpoints.AppendsFirst()),
    "a checkpoint that is elsewhere keeps the events of its write out of the log",
  ],
  [
    "compares checkpoints and sets them later",
    driven(() => new checkpoints.ComparesThenSets()),
    "of many that move a checkpoint from the same place exactly one wins",
  ],
  [
    "moves the checkpoint of a write that is repeated, wherever it is",
    driven(() => new checkpoints.MovesOnRepetition()),
    "a write whose events are repeated says so, and moves a checkpoint that is where it was expected, and no other",
  ],
  [
    "forgets the checkpoint of a write that is repeated",
    driven(() => new checkpoints.ForgetsOnRepetition()),
    "a write whose events are repeated says so, and moves a checkpoint that is where it was expected, and no other",
  ],
  [
    "forgets the deliveries that a write which is repeated settles",
    driven(() => new checkpoints.ForgetsOnRepetition()),
    "a write whose events are repeated says so, and settles the deliveries that are held",
  ],
  [
    "forgets the token of a checkpoint",
    driven(() => new checkpoints.ForgetsTheToken()),
    "a worker that was held up past its lease is fenced off before its successor has written anything",
  ],
  [
    "moves a guarded checkpoint without a token",
    driven(() => new checkpoints.NeedsNoToken()),
    "while its lease is held, a checkpoint does not move without a token",
  ],
  ["gives a lease that is held", driven(() => new leases.GivesHeldLeases()), "a lease has one owner at a time"],
  [
    "gives every owner of a lease the same token",
    driven(() => new leases.KeepsTheToken()),
    "a lease that has run out is another's for the taking, under a higher token",
  ],
  [
    "renews a lease that another took",
    driven(() => new leases.RenewsWhatIsLost()),
    "a lease that another took is lost to who held it, also when the other's has run out",
  ],
  [
    "raises the token of a lease that is renewed",
    driven(() => new leases.RenewsUnderANewToken()),
    "a lease that is renewed keeps its token, and holds on past its first end",
  ],
  [
    "frees a lease that is another's",
    driven(() => new leases.FreesWhatIsAnothers()),
    "a lease that is given back is free at once, under a higher token, and cannot be renewed",
  ],
];
