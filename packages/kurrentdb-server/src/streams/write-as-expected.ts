import type { ExpectedVersion } from "@reactive-domain/core";
import {
  EventAlreadyRecorded,
  WrongExpectedVersion,
  type AppendItem,
  type DeleteItem,
  type EventStore,
  type StreamInfo,
  type TombstoneItem,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import { metadataStreamOf } from "../metadata/described-stream.ts";
import { RevisionConflict } from "../wire/revision-conflict.ts";

type ExpectingItem = AppendItem | DeleteItem | TombstoneItem;

/** Between a refusal and the look at the stream somebody else may write: hardly ever twice. */
const MAX_TRIES = 10;

/**
 * Writes what expects of streams what KurrentDB means by it, where the store means something else:
 *
 * - the last revision of a deleted stream is as good as no stream there;
 * - a stream exists already when something is said about it.
 *
 * Errors: {@link RevisionConflict}, and those of the store.
 */
export async function writeAsExpected(store: EventStore, items: readonly WriteItem[]): Promise<WriteResult> {
  let wanted = items;
  for (let tries = 1; ; tries++) {
    try {
      return await store.write(wanted, { systemStreams: true });
    } catch (error) {
      wanted = await inWordsOfStore(store, { error, items, wanted, isLast: tries === MAX_TRIES });
    }
  }
}

interface Refused {
  readonly error: unknown;
  readonly items: readonly WriteItem[];
  readonly wanted: readonly WriteItem[];
  readonly isLast: boolean;
}

/** What is to be written in place of what was refused. Errors: why it stays refused. */
async function inWordsOfStore(store: EventStore, { error, items, wanted, isLast }: Refused): Promise<readonly WriteItem[]> {
  const stream = conflictingStream(error);
  const item = items.find((one): one is ExpectingItem => isExpecting(one) && one.stream === stream);
  if (item === undefined) throw error;
  const info = await store.streamInfo(item.stream);
  const conflict = new RevisionConflict(item.stream, item.expectedVersion, {
    actual: info.lastVersion,
    isDeleted: info.state === "deleted",
  });
  if (error instanceof EventAlreadyRecorded || isLast) throw conflict;
  const wasReplaced = !wanted.includes(item);
  if (wasReplaced) return wanted.map((one) => (isExpecting(one) && one.stream === stream ? item : one));
  if (await isMet(store, item.expectedVersion, info))
    return wanted.map((one) => (one === item ? { ...item, expectedVersion: "noStream" as const } : one));
  throw conflict;
}

function conflictingStream(error: unknown): unknown {
  return error instanceof WrongExpectedVersion || error instanceof EventAlreadyRecorded ? error.details["stream"] : undefined;
}

function isExpecting(item: WriteItem): item is ExpectingItem {
  return item.kind === "append" || item.kind === "delete" || item.kind === "tombstone";
}

/** Whether an expectation is met that the store refuses: there the stream is none. */
async function isMet(store: EventStore, expected: ExpectedVersion, { stream, state, lastVersion }: StreamInfo): Promise<boolean> {
  if (state === "deleted") return expected === lastVersion;
  if (state !== "missing" || expected !== "exists") return false;
  return (await store.streamInfo(metadataStreamOf(stream))).lastVersion !== null;
}
