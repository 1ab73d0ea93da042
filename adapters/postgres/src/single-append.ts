import { position, version } from "@reactive-domain/core";
import {
  JSON_CONTENT_TYPE,
  StreamTombstoned,
  WrongExpectedVersion,
  type AppendItem,
  type NewEvent,
  type WriteItem,
} from "@reactive-domain/persistence";
import { contentColumns } from "./content.ts";
import type { TextRow } from "./database.ts";
import { expectedNumber } from "./expected-number.ts";
import type { WriteOutcome } from "./write-outcome.ts";

/** The append, where a group of writes is one append of one event: the database has a shorter way for it. */
export function singleAppend(writes: readonly (readonly WriteItem[])[]): AppendItem | undefined {
  const [items = []] = writes;
  const [item] = items;
  return writes.length === 1 && items.length === 1 && item?.kind === "append" && item.events.length === 1 ? item : undefined;
}

/** In the order of the function's parameters, without channel and origin. */
export function singleValues({ stream, expectedVersion, events }: AppendItem): readonly unknown[] {
  const { id, type, schemaVersion, contentType, metadata, data } = events[0] as NewEvent;
  const content = contentColumns(data);
  const other = contentType === JSON_CONTENT_TYPE ? null : contentType;
  return [stream, expectedNumber(expectedVersion), id, type, schemaVersion, other, metadata, content.data, content.bytes];
}

/** The outcome from the row that `append` gave: a word, and numbers behind it. `undefined` where it could not decide. */
export function singleOutcome({ stream, expectedVersion }: AppendItem, [told]: TextRow): WriteOutcome | undefined {
  const [word, last, place] = (told as string).split(" ");
  if (word === "other") return undefined;
  if (word === "stream-tombstoned") return { error: new StreamTombstoned(stream) };
  const at = Number(last);
  if (word === "wrong-expected-version") return { error: new WrongExpectedVersion(stream, expectedVersion, at < 0 ? null : version(at)) };
  const written = { version: version(at), position: position(Number(place)) };
  return { result: { position: written.position, streams: [{ stream, ...written }], repeated: false }, isDone: true };
}
