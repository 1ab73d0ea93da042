import type { GroupDefinition, NewEvent, RecordedEvent, WriteItem } from "@reactive-domain/persistence";
import { derivedId } from "@reactive-domain/core";
import { groupedBy } from "./grouped-by.ts";
import { hashOf } from "./random.ts";

/** What stands in the data of every event: one piece of work has one key, whatever ids it is written under. */
export interface Work {
  readonly key: string;
  readonly padding?: string;
}

export const TYPES = {
  entry: "EntryMade",
  order: "OrderPlaced",
  transfer: "Transferred",
  done: "WorkDone",
  scrap: "ScrapKept",
  effect: "EffectSeen",
  handled: "OrderHandled",
  mailed: "OrderMailed",
  printed: "TransferPrinted",
} as const;

export type Category = keyof typeof TYPES;

/** The group and its source, and how it waits: short, because its consumers are killed all the time. */
export const GROUPS: Readonly<Record<string, GroupDefinition & { readonly source: { readonly category: Category } }>> = {
  couriers: {
    source: { category: "order" },
    orderBy: "stream",
    behindParked: "pass",
    maxAttempts: 25,
    retryDelayMs: 5,
    maxRetryDelayMs: 20,
  },
  auditors: { source: { category: "transfer" }, orderBy: "none", maxAttempts: 25, retryDelayMs: 5, maxRetryDelayMs: 20 },
};

/** A projection whose effects are events, written with its checkpoint. */
export const EFFECTS = { name: "effects", source: { category: "entry" } } as const;
/** A projection whose work is in a file, flushed before its checkpoint is moved. */
export const JOURNAL = { name: "journal", source: { eventType: TYPES.transfer } } as const;

export const ENTRY_CALLERS = 8;
export const ORDER_CALLERS = 3;
export const TRANSFER_CALLERS = 4;
export const WORK_CALLERS = 2;
export const SHARED_STREAMS = 6;
/** A stream to be removed is written three times: filled, hidden, filled again. Then comes a scavenge. */
export const SCRAP_WRITES = 3;

const EFFECT_STREAMS = 4;

/** What is to become of a delivery, by its event alone: whoever gets it does the same. */
export type Fate = "acknowledge" | "retry-once" | "park" | "skip";

export function fateOf(eventId: string): Fate {
  const share = hashOf(eventId) % 100;
  if (share < 2) return "park";
  if (share < 3) return "skip";
  return share < 8 ? "retry-once" : "acknowledge";
}

export function newEvent(category: Category, id: string, work: Work): NewEvent {
  return { id, type: TYPES[category], schemaVersion: 1, contentType: "application/json", data: JSON.stringify(work), metadata: "{}" };
}

export function workOf(event: Pick<RecordedEvent, "data">): Work {
  return JSON.parse(String(event.data)) as Work;
}

export function effectKey(by: string, source: Pick<RecordedEvent, "id">): string {
  return `${by}:${source.id}`;
}

/** The appends of the consequences of some events: each has an id and a stream that follow from its source. */
export function effectsOf(category: "effect" | "handled", by: string, sources: readonly RecordedEvent[]): readonly WriteItem[] {
  const streams = groupedBy(sources, ({ stream }) => `${category}-${by}-${hashOf(stream) % EFFECT_STREAMS}`);
  return [...streams].map(([stream, ofStream]) => ({
    kind: "append",
    stream,
    expectedVersion: "any",
    events: ofStream.map((source) => newEvent(category, derivedId(source.id, by, 0), { key: effectKey(by, source) })),
  }));
}
