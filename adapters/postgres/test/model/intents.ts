import { version, type ExpectedVersion, type Position } from "@reactive-domain/core";
import type { Delivery, Settlement, WriteItem } from "@reactive-domain/persistence";
import { newEvent } from "@reactive-domain/store-tests";
import fc from "fast-check";

type Expected = "any" | "noStream" | "exists" | "known" | "behind";

/** A part of a write before it is known what the store answered to others. Each has a subject of its own. */
type Part =
  | { readonly kind: "append"; readonly expected: Expected; readonly count: number; readonly reusesId: boolean }
  | { readonly kind: "delete" | "tombstone"; readonly expected: Expected }
  | { readonly kind: "expect"; readonly expected: Exclude<Expected, "any"> }
  | { readonly kind: "snapshot"; readonly version: number; readonly schemaVersion: number }
  | { readonly kind: "checkpoint"; readonly expected: "known" | "none"; readonly step: number }
  | { readonly kind: "settle"; readonly delivery: number; readonly count: number; readonly outcome: "acknowledge" | "skip" | "park" };

/** A write before it is known what the store answered to others: parts by subject, or one that was sent before. */
export interface Intent {
  readonly parts: readonly (readonly [subject: number, part: Part])[];
  /** Which of those that were sent is sent again, counted from the last. */
  readonly again: number | null;
}

/** What whoever writes next knows. */
export interface Knowledge {
  readonly sent: (readonly WriteItem[])[];
  /** By stream. */
  readonly versions: Map<string, number>;
  /** By name. */
  readonly checkpoints: Map<string, number>;
  readonly deliveries: readonly Delivery[];
}

const HOT_STREAMS = 4;

const expected = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Expected>("known") },
  { weight: 5, arbitrary: fc.constant<Expected>("any") },
  { weight: 1, arbitrary: fc.constantFrom<Expected>("noStream", "exists", "behind") },
);

const anyPart = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("append"),
      expected,
      count: fc.integer({ min: 1, max: 3 }),
      reusesId: fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete"), expected }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("expect"), expected: fc.constantFrom("known", "known", "noStream", "exists", "behind") }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("snapshot"), version: fc.nat(9), schemaVersion: fc.integer({ min: 1, max: 2 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("checkpoint"),
      expected: fc.constantFrom("known", "known", "none"),
      step: fc.constantFrom(1, 1, 2, 5, 100_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("settle"),
      delivery: fc.nat(199),
      count: fc.integer({ min: 1, max: 3 }),
      outcome: fc.constantFrom("acknowledge", "skip", "park"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("tombstone"), expected: fc.constant<Expected>("any") }) },
) as fc.Arbitrary<Part>;

/** Writes of one to three parts; one in twelve comes again. */
export const anyIntent: fc.Arbitrary<Intent> = fc.record({
  parts: fc.uniqueArray(fc.tuple(fc.nat(HOT_STREAMS - 1), anyPart), {
    minLength: 1,
    maxLength: 3,
    selector: ([subject, { kind }]) => (kind === "settle" ? "settle" : subject),
  }),
  again: fc.oneof({ weight: 11, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(80) }),
});

/** The write that an intent is, by what is known now. */
export function itemsOf({ parts, again }: Intent, known: Knowledge): readonly WriteItem[] {
  const before = again === null ? undefined : known.sent.at(-1 - again);
  const items = before ?? parts.map(([subject, one]) => itemOf(subject, one, known));
  known.sent.push(items);
  return items;
}

function itemOf(subject: number, part: Part, known: Knowledge): WriteItem {
  // Streams that are deleted for ever are many, so that those that are written most stay.
  const gone = `gone-${subject}-${known.sent.length % 8}`;
  const stream = part.kind === "tombstone" ? gone : `hot-${subject}`;
  switch (part.kind) {
    case "append": {
      const events = Array.from({ length: part.count }, () => newEvent());
      const into = events.length > 1 && subject === 0 ? gone : stream;
      const reused = part.reusesId ? eventIn(into, known) : undefined;
      return { kind: "append", stream: into, expectedVersion: versionAs(part.expected, into, known), events: reused ? [reused] : events };
    }
    case "delete":
    case "tombstone":
      return { kind: part.kind, stream, expectedVersion: versionAs(part.expected, stream, known) };
    case "expect":
      return { kind: "expect", stream, expectedVersion: versionAs(part.expected, stream, known) };
    case "snapshot":
      return { ...part, name: stream, hash: String(known.sent.length), contentType: "application/json", data: "{}" };
    case "checkpoint": {
      const place = part.expected === "none" ? undefined : known.checkpoints.get(stream);
      return {
        kind: "checkpoint",
        name: stream,
        expected: (place ?? null) as Position | null,
        position: ((place ?? -1) + part.step) as Position,
      };
    }
    default:
      return { kind: "settle", group: "mailer", deliveries: settlements(part, known.deliveries) };
  }
}

function eventIn(stream: string, { sent }: Knowledge): ReturnType<typeof newEvent> | undefined {
  const appends = sent.flat().filter((item) => item.kind === "append" && item.stream === stream);
  const last = appends.at(-1);
  return last?.kind === "append" ? last.events.at(-1) : undefined;
}

function versionAs<E extends Expected>(
  how: E,
  stream: string,
  { versions }: Knowledge,
): Exclude<ExpectedVersion, "any"> | Extract<E, "any">;
function versionAs(how: Expected, stream: string, { versions }: Knowledge): ExpectedVersion {
  const known = versions.get(stream) ?? -1;
  if (how === "behind") return version(Math.max(0, known - 1));
  if (how !== "known") return how;
  return known < 0 ? "noStream" : version(known);
}

function settlements(
  { delivery, count, outcome }: Extract<Part, { kind: "settle" }>,
  deliveries: readonly Delivery[],
): readonly Settlement[] {
  const begin = delivery % deliveries.length;
  return deliveries
    .slice(begin, begin + count)
    .map(({ position, fence }) => (outcome === "park" ? { position, fence, outcome, error: "given up" } : { position, fence, outcome }));
}
