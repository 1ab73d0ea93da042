import type { Ids } from "@reactive-domain/core";
import type { NewEvent } from "@reactive-domain/persistence";
import { proposedEvent } from "../wire/proposed-event.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { jsonOfValue, type WireValue } from "./json-of-value.ts";

/** An event as the second protocol has it. */
export interface AppendRecord {
  readonly record_id?: string;
  readonly properties?: Readonly<Record<string, WireValue>>;
  readonly schema?: { readonly format?: string; readonly name?: string; readonly id?: string };
  readonly data?: Uint8Array;
  readonly stream?: string;
}

/** What is known of data by its format: the content type, and the word for it in the properties that readers see. */
const FORMATS: Readonly<Record<string, readonly [contentType: string, word: string]>> = {
  SCHEMA_FORMAT_JSON: ["application/json", "Json"],
  SCHEMA_FORMAT_PROTOBUF: ["application/x-protobuf", "Protobuf"],
  SCHEMA_FORMAT_AVRO: ["application/avro", "Avro"],
  SCHEMA_FORMAT_BYTES: ["application/octet-stream", "Bytes"],
};
/** The order in which keys of ours are found at the beginning of metadata. */
const OURS = ["rd-schema-version", "rd-content-type", "rd-text-type", "rd-metadata"];

/** A record in the shape of the store. Errors: invalid argument for what is missing or unknown. */
export function recordEvent({ record_id, properties = {}, schema = {}, data }: AppendRecord, ids: Ids): NewEvent {
  const { name = "", format = "", id } = schema;
  const [contentType, word] = FORMATS[format] ?? [];
  if (name === "") throw invalidArgument("A record has no schema name, which is the type of the event.");
  if (contentType === undefined || word === undefined)
    throw invalidArgument(`A record of schema ${name} does not say in which format its data is. Say JSON, PROTOBUF, AVRO or BYTES.`);
  const metadata = JSON.stringify(propertiesToKeep(properties, { word, name, id }));
  return proposedEvent({
    id: record_id === undefined || record_id === "" ? ids.next() : record_id.toLowerCase(),
    type: name,
    contentType,
    metadata: Buffer.from(metadata),
    ...(data !== undefined && { data }),
  });
}

interface Schema {
  readonly word: string;
  readonly name: string;
  readonly id: string | undefined;
}

/** Readers find the schema among the properties. What another store of ours wrote says so itself, and is kept as it was there. */
function propertiesToKeep(properties: Readonly<Record<string, WireValue>>, { word, name, id }: Schema): Record<string, unknown> {
  const entries = Object.entries(properties).map(([key, value]) => [key, jsonOfValue(value)] as const);
  const ours = OURS.flatMap((key) => entries.filter(([own]) => own === key));
  if (ours.length > 0) return Object.fromEntries([...ours, ...entries.filter(([key]) => !OURS.includes(key))]);
  const schema = { "$schema.format": word, "$schema.name": name, ...(id !== undefined && { "$schema.id": id }) };
  return { ...schema, ...Object.fromEntries(entries) };
}
