import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import * as groups from "./wrong-groups.ts";

const driven = (makeDriver: () => EventStoreDriver) => (): EventStore => createEventStore(makeDriver());
const grouping = (makeGroups: ConstructorParameters<typeof groups.StoreWithGroups>[0]): (() => EventStore) =>
  driven(() => new groups.StoreWithGroups(makeGroups));

/** What is wrong with the consumer groups of a store, and the case that finds it out. */
export const WRONG_GROUPS: readonly (readonly [fault: string, open: () => EventStore, caughtBy: string])[] = [
  [
    "begins every group at the start",
    grouping(groups.definedAs({ from: "start" })),
    "the end at which a group begins is that of the moment when it was made",
  ],
  [
    "delivers an event to two consumers",
    grouping(groups.deliversTwice),
    "a group on a stream delivers its events in the order of the log, each once, then what is appended",
  ],
  [
    "ignores the order within a stream",
    grouping(groups.definedAs({ orderBy: "none" })),
    "an event behind an unsettled one of its stream waits for it; other streams go on",
  ],
  [
    "orders by stream what is to be ordered by correlation",
    grouping(groups.definedAs({ orderBy: "stream" })),
    "ordered by correlation, the events of one chain wait for each other, whatever their streams",
  ],
  [
    "does not count attempts",
    grouping(groups.countsNoAttempts),
    "what is retried comes again after the group's delay, with its attempts counted, and not before",
  ],
  [
    "retries at once",
    grouping(groups.definedAs({ retryDelayMs: 0, maxRetryDelayMs: 0 })),
    "what is retried comes again after the group's delay, with its attempts counted, and not before",
  ],
  ["lets delays grow without bounds", grouping(groups.definedAs({ maxRetryDelayMs: 60_000 })), "the delay does not grow past its bound"],
  [
    "never parks",
    grouping(groups.definedAs({ maxAttempts: 1_000 })),
    "an event is parked when its attempts are used up, with the last error and its attempts",
  ],
  [
    "never parks what kills its consumers",
    grouping(groups.definedAs({ maxAttempts: 1_000 })),
    "an event that kills its consumer every time is parked, and its innocent neighbours are handled",
  ],
  [
    "lets events pass a parked one of their stream",
    grouping(groups.definedAs({ behindParked: "pass" })),
    "events behind a parked one of their stream wait until it is replayed",
  ],
  [
    "takes from the log without bounds",
    grouping(groups.definedAs({ maxUnsettled: 10_000 })),
    "a full group takes nothing new until some of what it has is settled",
  ],
  [
    "loses what is replayed",
    grouping(groups.losesTheReplayed),
    "what is replayed comes at once, in the order of the log, with its attempts counted anew",
  ],
  [
    "takes a settlement from whoever does not hold the delivery",
    driven(() => new groups.TakesLateSettlements()),
    "a delivery that went to another is lost to who had it, and stays the other's",
  ],
  [
    "settles although the append conflicts",
    driven(() => new groups.SettlesFirst()),
    "a conflict in the stream of a write leaves its deliveries with the consumer",
  ],
  [
    "appends although the delivery is lost",
    driven(() => new groups.TakesLateSettlements()),
    "nothing of a write is done by a consumer whose delivery went to another",
  ],
  [
    "counts what was released as an attempt",
    driven(() => new groups.CountsReleases()),
    "what is released comes again at once, and the attempt does not count",
  ],
  [
    "delivers what a crashed consumer had in one go",
    grouping(groups.deliversSuspectsTogether),
    "what a crashed consumer had goes to another when its lease has ended, and comes alone",
  ],
  [
    "does not hold on to deliveries",
    grouping(groups.ignoresExtend),
    "a delivery that is extended stays with its consumer past its first end",
  ],
  ["extends deliveries in parts", grouping(groups.extendsInParts), "of deliveries of which one is lost none is extended"],
  ["wakes no claim", driven(() => new groups.WakesNobody()), "an append wakes a waiting claim"],
  ["forgets when a retry is due", grouping(groups.forgetsTheTime), "a retry that falls due wakes a waiting claim"],
  [
    "takes for settled what is under way",
    grouping(groups.tellsTooMuch),
    "a group tells how many events wait, are with a consumer and are parked, and up to where all is settled",
  ],
];
