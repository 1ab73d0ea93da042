import { checkpointCases } from "./checkpoint-cases.ts";
import { checkpointWriteCases } from "./checkpoint-write-cases.ts";
import { fencingCases } from "./fencing-cases.ts";
import type { Guarantee } from "./guarantee.ts";
import { lateSnapshotCases } from "./late-snapshot-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { snapshotCases } from "./snapshot-cases.ts";
import { snapshotReadCases } from "./snapshot-read-cases.ts";
import { snapshotReadLifeCases } from "./snapshot-read-life-cases.ts";

/** What a store promises to those who keep track of what they have read: snapshots, checkpoints and leases. */
export const progressGuarantees: readonly Guarantee[] = [
  {
    id: "snapshots",
    promise:
      "A snapshot comes back as it was put, until a later one or one of another schema version takes its place. One that comes late is passed over, also behind the deletion of its stream.",
    cases: [...snapshotCases, ...lateSnapshotCases],
  },
  {
    id: "snapshot-reads",
    promise:
      "A read of a stream may begin behind its snapshot, of one moment with the events that follow. A snapshot that does not fit is passed over: the read then begins at the start, as it always may.",
    cases: [...snapshotReadCases, ...snapshotReadLifeCases],
  },
  {
    id: "checkpoints",
    promise:
      "A checkpoint moves only from where its worker believes it to be, and never behind the end of the log: of many that move it, one wins. None is not 0.",
    cases: checkpointCases,
  },
  {
    id: "checkpoints-with-events",
    promise: "A checkpoint moves together with the events of its write, or neither: what handling led to is written once.",
    cases: checkpointWriteCases,
  },
  {
    id: "leases",
    promise:
      "A lease has one owner at a time, for a time. Whoever takes it gets a higher token than all before, and cannot lose it to them.",
    cases: leaseCases,
  },
  {
    id: "fencing",
    promise:
      "While a lease is held, only its token moves the checkpoint of its name. A token that was followed by a higher one never moves it again.",
    cases: fencingCases,
  },
];
