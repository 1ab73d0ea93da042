import { position, version, type Position, type ReactiveDomainError, type Version } from "@reactive-domain/core";
import {
  AheadOfLog,
  DeliveryLost,
  EventAlreadyRecorded,
  Fenced,
  GroupNotFound,
  StreamTombstoned,
  WrongCheckpoint,
  WrongExpectedVersion,
  type CheckpointItem,
  type Fence,
  type SettleItem,
  type StreamResult,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import { appendsOf, lastPosition } from "@reactive-domain/persistence/adapter";
import type { TextRow } from "./database.ts";

/** `isDone`: something was changed, be it only progress beside events that were recorded before. */
export type WriteOutcome = { readonly result: WriteResult; readonly isDone: boolean } | { readonly error: ReactiveDomainError };

/** What `write` tells of a write that was refused, or done before. */
interface ToldOutcome {
  /** Which, from 1. */
  readonly write: number;
  readonly repeated?: readonly (readonly [version: number, position: number])[];
  readonly progressed?: boolean;
  readonly code?: string;
  /** Which of its items, from 0. */
  readonly item?: number;
  readonly actual?: number | null;
  readonly stream?: string;
  readonly id?: string;
  readonly version?: number;
  readonly position?: number;
  readonly fence?: number;
}

/** The outcomes of several writes, from the row that `write` gave. */
export function outcomesOf(writes: readonly (readonly WriteItem[])[], [firsts, positions, told]: TextRow): readonly WriteOutcome[] {
  const firstVersions = numbersOf(firsts);
  const firstPositions = numbersOf(positions);
  const toldOf = new Map((JSON.parse(`[${told ?? ""}]`) as readonly ToldOutcome[]).map((one) => [one.write, one]));
  let append = 0;
  return writes.map((items, index) => {
    const begin = append;
    const appends = appendsOf(items);
    append += appends.length;
    const outcome = toldOf.get(index + 1);
    if (outcome?.code !== undefined) return { error: errorOf(outcome, items) };
    const streams = appends.map(({ stream, events }, nth): StreamResult => {
      const [lastVersion, last] = outcome?.repeated?.[nth] ?? [
        (firstVersions[begin + nth] as number) + events.length - 1,
        (firstPositions[begin + nth] as number) + events.length - 1,
      ];
      return { stream, version: version(lastVersion), position: position(last) };
    });
    const result = { position: lastPosition(streams), streams, repeated: outcome?.repeated !== undefined };
    return { result, isDone: outcome?.progressed ?? true };
  });
}

/** The elements of an array in PostgreSQL's text form. */
function numbersOf(text: string | null | undefined): readonly (number | null)[] {
  if (text === null || text === undefined) return [];
  return JSON.parse(`[${text.slice(1, -1).replaceAll("NULL", "null")}]`) as (number | null)[];
}

function errorOf(told: ToldOutcome, items: readonly WriteItem[]): ReactiveDomainError {
  const item = items[told.item ?? 0] as WriteItem;
  const actual = told.actual ?? null;
  switch (told.code) {
    case "wrong-expected-version": {
      const { stream, expectedVersion } = item as Extract<WriteItem, { kind: "append" }>;
      return new WrongExpectedVersion(stream, expectedVersion, actual === -1 ? null : (actual as Version | null));
    }
    case "stream-tombstoned":
      return new StreamTombstoned((item as Extract<WriteItem, { kind: "append" }>).stream);
    case "event-already-recorded":
      return new EventAlreadyRecorded(told.stream ?? "", told.id ?? "", told.version as Version);
    case "group-not-found":
      return new GroupNotFound((item as SettleItem).group);
    case "delivery-lost":
      return new DeliveryLost((item as SettleItem).group, told.position as Position, told.fence as Fence);
    default:
      return checkpointError(told.code, item as CheckpointItem, actual);
  }
}

function checkpointError(code: string | undefined, item: CheckpointItem, actual: number | null): ReactiveDomainError {
  const { name, expected, position: wanted, fence } = item;
  if (code === "fenced") return new Fenced(name, fence, (actual ?? undefined) as Fence | undefined);
  if (code === "wrong-checkpoint") return new WrongCheckpoint(name, expected, actual as Position | null);
  const head = actual === -1 ? null : (actual as Position | null);
  return new AheadOfLog(`Checkpoint ${name}`, wanted as Position, head);
}
