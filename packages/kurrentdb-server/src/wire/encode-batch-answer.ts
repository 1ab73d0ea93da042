import type { AppendedAt } from "../streams/append-events.ts";
import { ByteWriter, varintBytes } from "./byte-writer.ts";
import { bytesField, messageField, numberField, textField } from "./encode-fields.ts";
import type { WireExpectation } from "./places.ts";

/** What an answer repeats of the append that it belongs to. */
export interface AnsweredAppend {
  readonly correlationId: Buffer | undefined;
  readonly stream: string;
  readonly expectation: WireExpectation;
}

/** An error as a client is told of it within an answer. */
export interface WireStatus {
  readonly code: number;
  readonly message: string;
  /** The name of what the details are. */
  readonly type: string;
  readonly details: readonly Uint8Array[];
}

const TYPES = "type.googleapis.com/";
const MAX_HEADERS = 96;
const writer = new ByteWriter();

/** The answer to an append that is done. Written by hand, as there are as many as appends. */
export function encodeBatchSuccess(append: AnsweredAppend, { version, position }: AppendedAt): Buffer {
  const { correlationId, stream } = append;
  const streamBytes = Buffer.byteLength(stream);
  writer.begin((correlationId?.length ?? 0) + streamBytes + MAX_HEADERS);
  if (correlationId !== undefined) {
    writeHeader(0x0a, correlationId.length);
    writer.bytes(correlationId);
  }
  const place = position === null ? 0 : 2 + 2 * varintBytes(position);
  writeHeader(0x1a, (version === null ? 2 : 1 + varintBytes(version)) + 2 + place);
  if (version === null) writeHeader(0x12, 0);
  else writeNumber(0x08, version);
  writeHeader(position === null ? 0x22 : 0x1a, place);
  if (position !== null) {
    writeNumber(0x08, position);
    writeNumber(0x10, position);
  }
  writeHeader(0x22, 1 + varintBytes(streamBytes) + streamBytes);
  writeHeader(0x1a, streamBytes);
  writer.utf8(stream);
  writeExpectation(append.expectation);
  return writer.end();
}

/** The answer to an append that was refused. */
export function encodeBatchError({ correlationId, stream, expectation }: AnsweredAppend, error: WireStatus): Buffer {
  const details = messageField(3, [textField(1, TYPES + error.type), bytesField(2, Buffer.concat(error.details))]);
  const head = correlationId === undefined ? [] : [messageField(1, [correlationId])];
  const status = messageField(2, [numberField(1, error.code), textField(2, error.message), details]);
  writer.begin(MAX_HEADERS);
  writeExpectation(expectation);
  return Buffer.concat([...head, status, messageField(4, [textField(3, stream)]), writer.end()]);
}

function writeExpectation({ revision, no_stream, any, stream_exists }: WireExpectation): void {
  if (revision !== undefined && Number.isSafeInteger(Number(revision))) writeNumber(0x28, Number(revision));
  else if (no_stream) writeHeader(0x32, 0);
  else if (any) writeHeader(0x3a, 0);
  else if (stream_exists) writeHeader(0x42, 0);
}

function writeHeader(field: number, length: number): void {
  writer.byte(field);
  writer.varint(length);
}

function writeNumber(field: number, value: number): void {
  writer.byte(field);
  writer.varint(value);
}
