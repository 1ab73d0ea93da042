import type { Position, Version } from "@reactive-domain/core";
import {
  TransferRefused,
  type EventStore,
  type EventsPart,
  type RecordedEventFields,
  type StoreRecord,
  type TransferPart,
} from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import * as transfers from "./wrong-transfers.ts";

const driven = (makeDriver: () => EventStoreDriver) => (): EventStore => createEventStore(makeDriver());
const handing = (change: (record: StoreRecord) => StoreRecord | undefined) => driven(() => transfers.handsOut(change));
const taking = (change: (part: TransferPart) => TransferPart | undefined) => driven(() => transfers.takesIn(change));
const without =
  (kind: StoreRecord["kind"]) =>
  (record: StoreRecord): StoreRecord | undefined =>
    record.kind === kind ? undefined : record;
const events = (part: TransferPart, change: (event: RecordedEventFields) => RecordedEventFields): TransferPart =>
  part.kind === "events" ? ({ ...part, events: part.events.map(change) } satisfies EventsPart) : part;

const SAME =
  "a copy gives what its source gives: from every source, in both directions, under every filter, of streams, snapshots, checkpoints, leases and groups";
const CONSUMERS = "consumers go on in a copy: what they hold is theirs, and what waits, is parked or behind it comes in its order";
const NOT_WHOLE = "a copy that is not whole yet refuses to be changed otherwise, and can be read";

/** What is wrong with how a store is copied, and the case that finds it out. */
export const WRONG_TRANSFERS: readonly (readonly [fault: string, open: () => EventStore, caughtBy: string])[] = [
  ["hands out no streams", handing(without("stream")), SAME],
  ["hands out no snapshots", handing(without("snapshot")), SAME],
  ["hands out no checkpoints", handing(without("checkpoint")), SAME],
  ["hands out no leases", handing(without("lease")), "leases go on in a copy: who holds one holds it, and tokens only grow"],
  ["hands out no entries of groups", handing(without("entry")), SAME],
  [
    "begins the tokens of leases anew",
    handing((record) => (record.kind === "lease" ? { ...record, fence: 1 } : record)),
    "leases go on in a copy: who holds one holds it, and tokens only grow",
  ],
  ["begins the tokens of claims anew", handing((record) => (record.kind === "log" ? { ...record, lastFence: 0 } : record)), CONSUMERS],
  [
    "counts attempts anew",
    handing((record) => (record.kind === "entry" && record.state.kind === "waiting" ? { ...record, attempts: 0 } : record)),
    CONSUMERS,
  ],
  [
    "hands out what is with a consumer as if it waited",
    handing((record) =>
      record.kind === "entry" && record.state.kind === "claimed"
        ? { ...record, state: { kind: "waiting", dueMs: 0, isSuspect: false } }
        : record,
    ),
    "a delivery is settled in the copy under the token that its consumer got from the source",
  ],
  [
    "forgets who is a suspect",
    handing((record) =>
      record.kind === "entry" && record.state.kind === "claimed"
        ? { ...record, attempts: 0, state: { kind: "waiting", dueMs: 0, isSuspect: false } }
        : record,
    ),
    "what a consumer had that went away comes alone from the copy, too",
  ],
  ["forgets that a stream was deleted", handing((record) => (record.kind === "stream" ? { ...record, deletedBefore: 0 } : record)), SAME],
  [
    "forgets the versions behind what was scavenged",
    handing((record) => (record.kind === "stream" && record.stream === "cut-1" ? { ...record, lastVersion: 0 as Version } : record)),
    SAME,
  ],
  [
    "gives events the time of the copy",
    taking((part) => events(part, (event) => ({ ...event, time: new Date(4_000_000_000_000) }))),
    "a copy that is read event by event has the times, ids and bytes of its source",
  ],
  [
    "moves events to the holes before them",
    taking((part) => {
      let next = part.kind === "events" ? (part.after ?? -1) + 1 : 0;
      return events(part, (event) => ({ ...event, position: next++ as Position }));
    }),
    SAME,
  ],
  [
    "takes text for bytes",
    taking((part) => events(part, (event) => ({ ...event, data: Buffer.from(event.data).toString("latin1") }))),
    "a copy that is read event by event has the times, ids and bytes of its source",
  ],
  [
    "gives events ids of their own",
    taking((part) => events(part, (event) => ({ ...event, id: `f${event.id.slice(1)}` }))),
    "a copy answers a write that is repeated as its source did",
  ],
  [
    "forgets the time of what was scavenged at the end of the log",
    taking((part) =>
      part.kind === "records"
        ? { ...part, records: part.records.map((record) => (record.kind === "log" ? { ...record, headTimeMs: 0 } : record)) }
        : part,
    ),
    "times of commit do not go back behind what was copied, although the clock is behind it",
  ],
  [
    "begins a copy anew with every call",
    driven(() => transfers.tells((status) => ({ ...status, copy: null }))),
    "a copy gives what its source gives: from every source, in both directions, under every filter, of streams, snapshots, checkpoints, leases and groups",
  ],
  ["names a copy as it likes", driven(() => transfers.tells((status) => ({ ...status, log: "log" }))), "a store takes no copy of itself"],
  [
    "refuses what it has taken before",
    driven(() => {
      const taken = new Set<string>();
      return transfers.takesIn((part) => {
        const name = JSON.stringify([part.log, part.kind === "events" ? part.after : [part.round, part.index]]);
        if (taken.has(name)) throw new TransferRefused("The store", "has this part already", "Take another");
        taken.add(name);
        return part;
      });
    }),
    "a part that is taken again changes nothing",
  ],
  [
    "passes over a part of which it has the first events",
    driven(() => {
      let end = -1;
      return transfers.takesIn((part) => {
        if (part.kind === "records") return part;
        const isKnown = (part.after ?? -1) < end;
        end = Math.max(end, part.upTo ?? -1);
        return isKnown ? undefined : part;
      });
    }),
    "of a part that was taken in part the rest is taken",
  ],
  [
    "passes over what comes with a second copy",
    driven(() => {
      let rounds = 0;
      return transfers.takesIn((part) => (part.kind === "records" && part.isLast && ++rounds > 1 ? undefined : part));
    }),
    "what has come to the source, and what has gone from it, comes with the next copy",
  ],
  ["says of what it refuses while it is copied that it is done", driven(() => new transfers.LetsOthersWrite()), NOT_WHOLE],
  [
    "passes over parts that came too early without a word",
    driven(() => new transfers.TakesOnAndOn()),
    "a part that comes before its turn is refused, and nothing of it is taken",
  ],
  [
    "takes no notice of what it has already",
    driven(() => new transfers.TakesOnAndOn()),
    "a store that has events of its own takes no copy, and stays as it was",
  ],
];
