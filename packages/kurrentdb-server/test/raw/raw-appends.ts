import type { ClientDuplexStream, ServiceError } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import duration from "google-protobuf/google/protobuf/duration_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import timestamp from "google-protobuf/google/protobuf/timestamp_pb.js";
import { currentRuntime } from "@reactive-domain/core";
import type { RawClient } from "./raw-client.ts";

export type Uuid = InstanceType<typeof shared.UUID>;
export type BatchAppendReq = InstanceType<typeof streams.BatchAppendReq>;
export type BatchAppendResp = InstanceType<typeof streams.BatchAppendResp>;
type BatchOptions = InstanceType<typeof streams.BatchAppendReq.Options>;
type BatchMessage = InstanceType<typeof streams.BatchAppendReq.ProposedMessage>;

/** An event, or as much of one as is given. */
export interface Proposal {
  readonly id?: Uuid | null;
  readonly type?: string | null;
  readonly contentType?: string | null;
  readonly data?: string | Uint8Array;
  readonly metadata?: string;
}

/** A piece of an append, or as much of one as is given. */
export interface Piece {
  readonly id?: Uuid | null;
  /** `undefined` for a piece that goes on with an append. */
  readonly stream?: string;
  /** Default any. */
  readonly expected?: (options: BatchOptions) => void;
  readonly events?: readonly Proposal[];
  /** Default true. */
  readonly isFinal?: boolean;
}

export function textUuid(id: string = currentRuntime().ids.next()): Uuid {
  const uuid = new shared.UUID();
  uuid.setString(id);
  return uuid;
}

/** An id as two signed numbers. */
export function structuredUuid(most: string, least: string): Uuid {
  const halves = new shared.UUID.Structured();
  halves.setMostSignificantBits(most);
  halves.setLeastSignificantBits(least);
  const uuid = new shared.UUID();
  uuid.setStructured(halves);
  return uuid;
}

function identifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(stream).toString("base64"));
  return name;
}

export function any(options: BatchOptions): void {
  options.setAny(new empty.Empty());
}

export function noStream(options: BatchOptions): void {
  options.setNoStream(new empty.Empty());
}

/** Any revision, until a time. */
export function until(ms: number) {
  return (options: BatchOptions): void => {
    any(options);
    const deadline = new timestamp.Timestamp();
    deadline.setSeconds(Math.floor(ms / 1_000));
    deadline.setNanos((ms % 1_000) * 1_000_000);
    options.setDeadline21100(deadline);
  };
}

/** Any revision, within a span. */
export function within(seconds: number) {
  return (options: BatchOptions): void => {
    any(options);
    const deadline = new duration.Duration();
    deadline.setSeconds(seconds);
    options.setDeadline(deadline);
  };
}

export function piece({ id = textUuid(), stream, expected = any, events = [{}], isFinal = true }: Piece = {}): BatchAppendReq {
  const request = new streams.BatchAppendReq();
  if (id !== null) request.setCorrelationId(id);
  if (stream !== undefined) {
    const options = new streams.BatchAppendReq.Options();
    options.setStreamIdentifier(identifier(stream));
    expected(options);
    request.setOptions(options);
  }
  request.setProposedMessagesList(events.map((event) => proposed(new streams.BatchAppendReq.ProposedMessage(), event)));
  request.setIsFinal(isFinal);
  return request;
}

/** A message of a plain append with its options. */
export function appendOptions(
  stream: string,
  expected: (options: InstanceType<typeof streams.AppendReq.Options>) => void = (options) => options.setAny(new shared.Empty()),
): InstanceType<typeof streams.AppendReq> {
  const options = new streams.AppendReq.Options();
  options.setStreamIdentifier(identifier(stream));
  expected(options);
  const request = new streams.AppendReq();
  request.setOptions(options);
  return request;
}

/** A message of a plain append with an event. */
export function appendEvent(event: Proposal = {}): InstanceType<typeof streams.AppendReq> {
  const request = new streams.AppendReq();
  request.setProposedMessage(proposed(new streams.AppendReq.ProposedMessage(), event));
  return request;
}

function proposed<M extends Pick<BatchMessage, "setId" | "getMetadataMap" | "setData" | "setCustomMetadata">>(
  message: M,
  { id = textUuid(), type = "AmountDeposited", contentType = "application/json", data = '{"amount":1}', metadata }: Proposal,
): M {
  if (id !== null) message.setId(id);
  if (type !== null) message.getMetadataMap().set("type", type);
  if (contentType !== null) message.getMetadataMap().set("content-type", contentType);
  message.setData(Buffer.from(data).toString("base64"));
  if (metadata !== undefined) message.setCustomMetadata(Buffer.from(metadata).toString("base64"));
  return message;
}

type BatchStream = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/** Sends pieces on one call and ends it: the answers in words, as they come, and how the call ended. */
export async function answersTo(client: RawClient, pieces: readonly BatchAppendReq[]): Promise<readonly string[]> {
  const call: BatchStream = client.batchAppend();
  for (const one of pieces) call.write(one);
  call.end();
  return answersOf(call);
}

export async function answersOf(call: AsyncIterable<unknown>): Promise<readonly string[]> {
  const words: string[] = [];
  try {
    for await (const answer of call) words.push(inWords(answer as BatchAppendResp));
  } catch (error) {
    const { code, details } = error as ServiceError;
    words.push(`ended ${code} ${details}`);
  }
  return words;
}

/** An answer in words, like `b at 3 (7)` or `b refused: WrongExpectedVersion`. */
export function inWords(answer: BatchAppendResp): string {
  const stream = Buffer.from(answer.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString("utf8");
  const details = answer.getError()?.getDetails();
  if (details !== undefined) return `${stream} refused: ${details.getTypeName().replace("event_store.client.", "")}`;
  const success = answer.getSuccess();
  if (success?.hasNoStream() === true) return `${stream} is none`;
  const position = success?.getPosition()?.getCommitPosition();
  return `${stream} at ${success?.getCurrentRevision()}${position === undefined ? "" : ` (${position})`}`;
}

/** What comes of a plain append: the revision, a conflict or an error. */
export function plainAppend(client: RawClient, messages: readonly InstanceType<typeof streams.AppendReq>[]): Promise<string> {
  return new Promise((resolve) => {
    const call = client.append((error, response) => resolve(error === null ? plainWords(response) : refusalWords(error)));
    call.on("error", () => undefined);
    for (const message of messages) call.write(message);
    call.end();
  });
}

function plainWords(response: InstanceType<typeof streams.AppendResp> | undefined): string {
  const conflict = response?.getWrongExpectedVersion();
  if (conflict !== undefined) return `conflict: ${JSON.stringify(conflict.toObject())}`;
  return `at ${response?.getSuccess()?.getCurrentRevision()}`;
}

/** An error with the trailers that tell its type. */
function refusalWords({ code, metadata }: ServiceError): string {
  const { exception, ...rest } = metadata.getMap();
  const told = Object.entries(rest).filter(([key]) => key !== "content-type" && key !== "date");
  return [
    `${code}`,
    ...(exception === undefined ? [] : [String(exception)]),
    ...told.map(([key, value]) => `${key}=${value.toString()}`),
  ].join(" ");
}
