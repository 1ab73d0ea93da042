import { version } from "@reactive-domain/core";
import type { StreamInfo } from "@reactive-domain/persistence";
import { isDeepStrictEqual } from "node:util";
import { readMetadataJson, writeMetadataJson, type SaidMetadata } from "../metadata/metadata-json.ts";
import { Refusal } from "../wire/refusal.ts";

/**
 * What holds of a stream as the data of an event that says so, `undefined` where nothing is said. `told` is the data of the last event that said something: it is the answer where it
 * holds, since it may have been said otherwise since, in process, or by a deletion and its undoing.
 */
export function heldMetadata(info: StreamInfo, told: string | undefined): string | undefined {
  const said = told === undefined ? undefined : saidBy(told);
  const held = heldOf(info, said?.deletes === true);
  if (isDeepStrictEqual(said, held)) return told;
  const saysNothing = !held.deletes && Object.keys(held.metadata).length === 0;
  return saysNothing && told === undefined ? undefined : writeMetadataJson(held.metadata, held.deletes);
}

/** Whether a deleted stream was given metadata by a client since: then it is there again, without events. */
export function isEmptied({ state, metadata, lastVersion }: StreamInfo): boolean {
  return state === "deleted" && (metadata.truncateBefore ?? 0) > (lastVersion ?? -1);
}

/** A stream that was deleted, and written again since, hides what it had then. */
function heldOf(info: StreamInfo, wasDeleted: boolean): SaidMetadata {
  const { state, metadata, firstVersion, lastVersion } = info;
  if (state === "deleted" && !isEmptied(info)) return { metadata: withoutTruncation(metadata), deletes: true };
  if (!wasDeleted) return { metadata, deletes: false };
  return { metadata: { ...metadata, truncateBefore: firstVersion ?? version((lastVersion ?? -1) + 1) }, deletes: false };
}

function withoutTruncation({ truncateBefore: _hidden, ...metadata }: StreamInfo["metadata"]): StreamInfo["metadata"] {
  return metadata;
}

function saidBy(data: string): SaidMetadata | undefined {
  try {
    return readMetadataJson(data);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
