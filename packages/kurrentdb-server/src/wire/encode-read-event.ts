import type { Version } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type RecordedEventFields } from "@reactive-domain/persistence";
import { ByteWriter, varintBytes } from "./byte-writer.ts";
import { lowerMetadata } from "./event-metadata.ts";
import { uuidHalves, type UuidForm } from "./uuid.ts";

/** What is read, as a client sees it: an event, or a link with the event that it leads to. */
export interface ReadEntry {
  /** `undefined` where a link leads nowhere. */
  readonly event: RecordedEventFields | undefined;
  readonly link?: RecordedEventFields | undefined;
}

/** The version by which an event is shown as the end of its stream for ever: clients see 2^63 - 1, which no number here can be. */
export const FINAL_VERSION = (2 ** 63) as Version;

const BINARY_CONTENT_TYPE = "application/octet-stream";
const TICKS_PER_MS = "0000";
/** 2^63 - 1. */
const FINAL_VERSION_VARINT = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);

// Field numbers with their wire types, `number << 3 | type`: 0 a varint, 2 bytes of a length.
const RESPONSE_EVENT = 0x0a;
const [ENTRY_EVENT, ENTRY_LINK, ENTRY_COMMIT, ENTRY_RETRIES] = [0x0a, 0x12, 0x18, 0x28];
const [EVENT_ID, EVENT_STREAM, EVENT_REVISION, EVENT_PREPARE, EVENT_COMMIT] = [0x0a, 0x12, 0x18, 0x20, 0x28];
const [EVENT_METADATA, EVENT_CUSTOM, EVENT_DATA] = [0x32, 0x3a, 0x42];

const writer = new ByteWriter();

/** Makes the messages of a read, or of a persistent subscription, which tell how often an event came before. Written by hand, as nothing is sent as often. */
export function encodeReadEvent({ event, link }: ReadEntry, uuidForm: UuidForm, retries?: number): Buffer {
  const [target, source] = [event && measured(event, uuidForm), link && measured(link, uuidForm)];
  const place = (link ?? event)?.position;
  const length =
    (target === undefined ? 0 : framed(target.length)) +
    (source === undefined ? 0 : framed(source.length)) +
    (place === undefined ? 0 : 1 + varintBytes(place)) +
    (retries === undefined ? 0 : 1 + varintBytes(retries));
  writer.begin(framed(length) + 10);
  writer.byte(RESPONSE_EVENT);
  writer.varint(length);
  if (target !== undefined) writeEvent(ENTRY_EVENT, target);
  if (source !== undefined) writeEvent(ENTRY_LINK, source);
  if (place !== undefined) writeNumber(ENTRY_COMMIT, place);
  if (retries !== undefined) writeNumber(ENTRY_RETRIES, retries);
  return writer.end();
}

/** An event and how long its parts are. */
interface Measured {
  readonly event: RecordedEventFields;
  readonly id: string | readonly [bigint, bigint];
  readonly idBytes: number;
  readonly streamBytes: number;
  readonly properties: Buffer;
  readonly created: string;
  readonly custom: string | Uint8Array;
  readonly customBytes: number;
  readonly data: string | Uint8Array;
  readonly dataBytes: number;
  readonly length: number;
}

function measured(event: RecordedEventFields, uuidForm: UuidForm): Measured {
  const { id: text, stream, version, position, type, contentType, schemaVersion, data, metadata } = event;
  const isText = typeof data === "string";
  const isJson = contentType === JSON_CONTENT_TYPE;
  const isPlain = isText ? isJson : contentType === BINARY_CONTENT_TYPE;
  const custom = lowerMetadata(metadata, schemaVersion, isPlain ? undefined : { type: contentType, isText });
  const ms = event.time.getTime();
  const created = ms === 0 ? "0" : `${ms}${TICKS_PER_MS}`;
  const id = uuidForm === "string" ? text : uuidHalves(text);
  const idBytes = typeof id === "string" ? framed(id.length) : framed(2 + int64Bytes(id[0]) + int64Bytes(id[1]));
  const streamBytes = Buffer.byteLength(stream);
  const properties = propertiesOf(type, isJson);
  const [customBytes, dataBytes] = [lengthOf(custom), lengthOf(data)];
  const length =
    framed(idBytes) +
    framed(framed(streamBytes)) +
    (3 + versionBytes(version) + 2 * varintBytes(position)) +
    properties.length +
    framed(createdBytes(created)) +
    (customBytes === 0 ? 0 : framed(customBytes)) +
    (dataBytes === 0 ? 0 : framed(dataBytes));
  return { event, id, idBytes, streamBytes, properties, created, custom, customBytes, data, dataBytes, length };
}

function writeEvent(field: number, { event, id, idBytes, streamBytes, properties, created, ...content }: Measured): void {
  writeHeader(field, content.length);
  writeHeader(EVENT_ID, idBytes);
  writeId(id);
  writeHeader(EVENT_STREAM, framed(streamBytes));
  writeHeader(0x1a, streamBytes);
  writer.utf8(event.stream);
  writeVersion(event.version);
  writeNumber(EVENT_PREPARE, event.position);
  writeNumber(EVENT_COMMIT, event.position);
  writer.bytes(properties);
  writeHeader(EVENT_METADATA, createdBytes(created));
  writer.bytes(CREATED_KEY);
  writeHeader(0x12, created.length);
  writer.latin1(created);
  writeContent(EVENT_CUSTOM, content.custom, content.customBytes);
  writeContent(EVENT_DATA, content.data, content.dataBytes);
}

function writeVersion(version: Version): void {
  if (version !== FINAL_VERSION) return writeNumber(EVENT_REVISION, version);
  writer.byte(EVENT_REVISION);
  return writer.bytes(FINAL_VERSION_VARINT);
}

function versionBytes(version: Version): number {
  return version === FINAL_VERSION ? FINAL_VERSION_VARINT.length : varintBytes(version);
}

function writeId(id: Measured["id"]): void {
  if (typeof id === "string") {
    writeHeader(0x12, id.length);
    writer.latin1(id);
    return;
  }
  writeHeader(0x0a, 2 + int64Bytes(id[0]) + int64Bytes(id[1]));
  writer.byte(0x08);
  writer.int64(id[0]);
  writer.byte(0x10);
  writer.int64(id[1]);
}

function writeContent(field: number, content: string | Uint8Array, length: number): void {
  if (length === 0) return;
  writeHeader(field, length);
  if (typeof content === "string") writer.utf8(content);
  else writer.bytes(content);
}

function writeHeader(field: number, length: number): void {
  writer.byte(field);
  writer.varint(length);
}

function writeNumber(field: number, value: number): void {
  writer.byte(field);
  writer.varint(value);
}

/** The size of a part with its field number and its length. */
function framed(length: number): number {
  return 1 + varintBytes(length) + length;
}

function lengthOf(content: string | Uint8Array): number {
  return typeof content === "string" ? Buffer.byteLength(content) : content.length;
}

function int64Bytes(value: bigint): number {
  if (value < 0n) return 10;
  let bytes = 1;
  for (let rest = value; rest >= 0x80n; rest >>= 7n) bytes++;
  return bytes;
}

const CREATED_KEY = Buffer.from([0x0a, 7, ...Buffer.from("created")]);

function createdBytes(created: string): number {
  return CREATED_KEY.length + framed(created.length);
}

const MAX_KEPT = 1_000;
const [keptOfJson, keptOfOthers] = [new Map<string, Buffer>(), new Map<string, Buffer>()];

/** Type and content type of an event, encoded; few of them are ever different. */
function propertiesOf(type: string, isJson: boolean): Buffer {
  const kept = isJson ? keptOfJson : keptOfOthers;
  let properties = kept.get(type);
  if (properties === undefined) {
    if (kept.size >= MAX_KEPT) kept.clear();
    properties = Buffer.concat([property("type", type), property("content-type", isJson ? JSON_CONTENT_TYPE : BINARY_CONTENT_TYPE)]);
    kept.set(type, properties);
  }
  return properties;
}

function property(key: string, value: string): Buffer {
  const [name, text] = [Buffer.from(key), Buffer.from(value)];
  const parts = Buffer.concat([header(0x0a, name.length), name, header(0x12, text.length), text]);
  return Buffer.concat([header(EVENT_METADATA, parts.length), parts]);
}

function header(field: number, length: number): Buffer {
  const own = new ByteWriter();
  own.begin(10);
  writeInto(own, field, length);
  return own.end();
}

function writeInto(own: ByteWriter, field: number, length: number): void {
  own.byte(field);
  own.varint(length);
}
