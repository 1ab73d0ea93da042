import type { Settlement, StreamMetadata, WriteItem } from "@reactive-domain/persistence";
import { parkedError } from "@reactive-domain/persistence/adapter";
import { contentColumns, withoutNul } from "./content.ts";
import { expectedNumber } from "./expected-number.ts";

/** An item of a write as the JSON that `decide` reads; of an append it only says where it stands among the others. */
export function itemText(item: WriteItem, indexOf: (stream: string) => number): string {
  switch (item.kind) {
    case "append":
      return '{"kind":"append"}';
    case "delete":
    case "tombstone":
    case "expect":
      return JSON.stringify({ kind: item.kind, s: indexOf(item.stream), expected: expectedNumber(item.expectedVersion) });
    case "metadata":
      return JSON.stringify({ kind: "metadata", stream: item.stream, ...metadataColumns(item.metadata) });
    case "snapshot": {
      const { data, bytes } = contentColumns(item.data);
      return JSON.stringify({ ...item, data, base64: bytes === null ? null : Buffer.from(bytes).toString("base64") });
    }
    case "checkpoint":
      return JSON.stringify(item);
    default:
      return JSON.stringify({ ...item, deliveries: item.deliveries.map(storable) });
  }
}

/** What is said about a stream, as the columns of `streams`. */
export function metadataColumns(metadata: StreamMetadata): Record<string, unknown> {
  const { maxCount, maxAgeMs, truncateBefore } = metadata;
  const isSaid = Object.keys(metadata).length > 0;
  return { maxCount, maxAgeMs, truncateBefore, metadata: isSaid ? JSON.stringify(metadata) : null };
}

/** An error may hold what PostgreSQL's text has no room for; a message is worth keeping without it. */
function storable({ error, ...settlement }: Settlement): Settlement {
  return error === undefined ? settlement : { ...settlement, error: withoutNul(parkedError(error).toWellFormed()) };
}
