import assert from "node:assert/strict";
import { position, type Position } from "@reactive-domain/core";
import {
  copyStore,
  type CopyOptions,
  type EventStore,
  type RecordsPart,
  type StoreRecord,
  type TransferPart,
} from "@reactive-domain/persistence";
import type { ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { logOf } from "./reading.ts";

/** Longer than any case takes. */
const CASE_DEADLINE_MS = 30_000;

/** A case that needs a store that holds something, and another one to take it. */
export function transferCase(name: string, check: (source: EventStore, target: EventStore) => Promise<void>): ConformanceCase {
  return {
    name,
    behaviours: [],
    async run(open) {
      const [source, target] = [await inTime(open(), "An open store"), await inTime(open(), "A second open store")];
      try {
        await inTime(check(source, target), "The end of the case", CASE_DEADLINE_MS);
      } finally {
        await inTime(Promise.all([source.close(), target.close()]), "The end of the stores");
      }
    },
  };
}

/** Copies a store, in small parts unless `options` say otherwise. */
export async function copied(source: EventStore, target: EventStore, options: CopyOptions = {}): Promise<void> {
  await inTime(copyStore(source, target, { maxPartEvents: 3, ...options }), "The end of a copy");
}

/** Every part that a copy of a store has, in order. */
export async function partsOf(store: EventStore): Promise<readonly TransferPart[]> {
  const parts: TransferPart[] = [];
  const { log, head } = await store.transfer.status();
  let after: Position | null = null;
  const events = await logOf(store);
  for (let begin = 0; begin < events.length; begin += 3) {
    const some = events.slice(begin, begin + 3).map((event) => event.toJSON());
    const upTo: Position | null = begin + 3 >= events.length ? head : (some.at(-1)?.position ?? null);
    parts.push({ kind: "events", log, after, events: some, upTo });
    after = upTo;
  }
  if (events.length === 0 && head !== null) parts.push({ kind: "events", log, after, events: [], upTo: head });
  return [...parts, ...smaller(await roundOf(store))];
}

/** All parts of a round of records. */
export async function roundOf(store: EventStore): Promise<readonly RecordsPart[]> {
  const parts: RecordsPart[] = [];
  for await (const part of store.transfer.records()) parts.push(part);
  return parts;
}

/** All records of a store, as data in an order of their own. */
export async function recordsOf(store: EventStore): Promise<readonly string[]> {
  return (await roundOf(store)).flatMap(({ records }) => records.map(inOrder)).toSorted();
}

function inOrder(record: StoreRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}

/** A round in parts of two records each, so that there are several. */
function smaller(parts: readonly RecordsPart[]): readonly RecordsPart[] {
  const [first] = parts;
  if (first === undefined) return assert.fail("A round has at least one part, with the record of the log.");
  const records = parts.flatMap((part) => part.records);
  const count = Math.ceil(records.length / 2);
  return Array.from({ length: count }, (_, index) => ({
    ...first,
    index,
    records: records.slice(2 * index, 2 * index + 2),
    isLast: index === count - 1,
  }));
}

export const place = (number: number): Position => position(number);
