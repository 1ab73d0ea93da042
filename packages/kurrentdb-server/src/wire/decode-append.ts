import { ByteReader } from "./byte-reader.ts";
import { idIn, streamIn } from "./decode-parts.ts";
import type { WireExpectation } from "./places.ts";
import type { ProposedMessage } from "./proposed-event.ts";
import { heldBytes } from "./received-bytes.ts";

// Nothing else is received as often, so that it is decoded by hand. Fields are numbers with their wire types, `number << 3 | type`: 0 a varint, 2 bytes of a length.

/** What an append says beside its events. */
export interface AppendOptions {
  /** Empty where the client names none. */
  readonly stream: string;
  readonly expectation: WireExpectation;
  /** Until when the write must have begun; a span counts from when it comes. */
  readonly deadline?: WireDeadline;
}

export interface WireDeadline {
  readonly kind: "at" | "within";
  readonly ms: number;
}

/** A message of an append. */
export interface AppendRequest {
  readonly options?: AppendOptions;
  readonly message?: ProposedMessage;
  /** How much memory it takes. */
  readonly bytes: number;
}

/** A piece of an append that is one of many on its call. */
export interface BatchPiece {
  /** The id of the append as it came, to be sent back. */
  readonly correlationId: Buffer | undefined;
  readonly options?: AppendOptions;
  readonly messages: readonly ProposedMessage[];
  readonly isFinal: boolean;
  /** How much memory it takes. */
  readonly bytes: number;
}

/** Errors: of bytes that are no message. */
export function decodeAppendRequest(bytes: Buffer): AppendRequest {
  const reader = new ByteReader(bytes);
  let request: Omit<AppendRequest, "bytes"> = {};
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) request = { options: optionsIn(reader.message()) };
    else if (field === 0x12) request = { message: messageIn(reader.message()) };
    else reader.skip(field);
  }
  return { ...request, bytes: heldBytes(bytes.length, 1) };
}

/** Errors: of bytes that are no message. */
export function decodeBatchPiece(bytes: Buffer): BatchPiece {
  const reader = new ByteReader(bytes);
  const messages: ProposedMessage[] = [];
  let correlationId: Buffer | undefined;
  let options: AppendOptions | undefined;
  let isFinal = false;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) correlationId = reader.bytes();
    else if (field === 0x12) options = optionsIn(reader.message());
    else if (field === 0x1a) messages.push(messageIn(reader.message()));
    else if (field === 0x20) isFinal = reader.varint() !== 0;
    else reader.skip(field);
  }
  return { correlationId, ...(options !== undefined && { options }), messages, isFinal, bytes: heldBytes(bytes.length, messages.length) };
}

function optionsIn(reader: ByteReader): AppendOptions {
  let stream = "";
  let expectation: WireExpectation = {};
  let deadline: WireDeadline | undefined;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) stream = streamIn(reader.message());
    else if (field === 0x32) deadline = { kind: "at", ms: msIn(reader.message()) };
    else if (field === 0x3a) deadline = { kind: "within", ms: msIn(reader.message()) };
    else expectation = expectationIn(field, reader) ?? expectation;
  }
  return { stream, expectation, ...(deadline !== undefined && { deadline }) };
}

/** One of alternatives: the last that is sent holds. */
function expectationIn(field: number, reader: ByteReader): WireExpectation | undefined {
  if (field === 0x10) return { revision: String(reader.varint()) };
  reader.skip(field);
  if (field === 0x1a) return { no_stream: {} };
  if (field === 0x22) return { any: {} };
  return field === 0x2a ? { stream_exists: {} } : undefined;
}

/** A time, or a span, of seconds and nanoseconds. */
function msIn(reader: ByteReader): number {
  let ms = 0;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x08) ms += Number(reader.int64()) * 1_000;
    else if (field === 0x10) ms += Number(reader.int64()) / 1_000_000;
    else reader.skip(field);
  }
  return ms;
}

function messageIn(reader: ByteReader): ProposedMessage {
  const message: Mutable<ProposedMessage> = {};
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) message.id = idIn(reader.message());
    else if (field === 0x12) addProperty(message, reader.message());
    else if (field === 0x1a) message.metadata = reader.bytes();
    else if (field === 0x22) message.data = reader.bytes();
    else reader.skip(field);
  }
  return message;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Takes the two properties that an event of ours has; the others are the server's to say. */
function addProperty(message: Mutable<ProposedMessage>, reader: ByteReader): void {
  let [key, value] = ["", ""];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) key = reader.text();
    else if (field === 0x12) value = reader.text();
    else reader.skip(field);
  }
  if (key === "type") message.type = value;
  else if (key === "content-type") message.contentType = value;
}
