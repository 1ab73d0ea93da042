import { credentials, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import type { KurrentServer } from "@reactive-domain/kurrentdb-server";
import { onTestFinished } from "vitest";

export type ReadResp = InstanceType<typeof streams.ReadResp>;
export type RawClient = InstanceType<typeof services.StreamsClient>;
type ReadOptions = InstanceType<typeof streams.ReadReq.Options>;
type Change = (options: ReadOptions) => void;

const { Options } = streams.ReadReq;

/** A client that is nothing but what KurrentDB's own clients generate from their definitions, over a connection of its own. */
export function rawClient({ host, port }: Pick<KurrentServer, "host" | "port">): RawClient {
  const client = new services.StreamsClient(`${host}:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  onTestFinished(() => client.close());
  return client;
}

/** A request to read all of a stream forwards, with other options. */
export function readStream(name: string, ...changes: readonly Change[]): InstanceType<typeof streams.ReadReq> {
  const stream = new Options.StreamOptions();
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name).toString("base64"));
  stream.setStreamIdentifier(identifier);
  stream.setStart(new shared.Empty());
  return request((options) => options.setStream(stream), ...changes);
}

/** A request to read the whole log forwards, with other options. */
export function readAll(...changes: readonly Change[]): InstanceType<typeof streams.ReadReq> {
  const all = new Options.AllOptions();
  all.setStart(new shared.Empty());
  return request((options) => options.setAll(all), ...changes);
}

function request(...changes: readonly Change[]): InstanceType<typeof streams.ReadReq> {
  const options = new Options();
  options.setCount("18446744073709551615");
  options.setNoFilter(new shared.Empty());
  options.setUuidOption(uuids("string"));
  for (const change of changes) change(options);
  const read = new streams.ReadReq();
  read.setOptions(options);
  return read;
}

export function backwards(options: ReadOptions): void {
  options.setReadDirection(Options.ReadDirection.BACKWARDS);
  options.getStream()?.setEnd(new shared.Empty());
  options.getAll()?.setEnd(new shared.Empty());
}

export function subscription(options: ReadOptions): void {
  options.setSubscription(new Options.SubscriptionOptions());
}

export function resolvingLinks(options: ReadOptions): void {
  options.setResolveLinks(true);
}

export function structuredIds(options: ReadOptions): void {
  options.setUuidOption(uuids("structured"));
}

/** Asks for the messages that tell the first and the last place. */
export function tellingPlaces(options: ReadOptions): void {
  const control = new Options.ControlOption();
  control.setCompatibility(1);
  options.setControlOption(control);
}

export function fromRevision(revision: string): Change {
  return (options) => options.getStream()?.setRevision(revision);
}

export function fromPosition(position: string): Change {
  return (options) => {
    const told = new Options.Position();
    told.setCommitPosition(position);
    told.setPreparePosition(position);
    options.getAll()?.setPosition(told);
  };
}

export function atMost(count: number): Change {
  return (options) => options.setCount(String(count));
}

/** Lets through events whose stream or type matches, and asks for a checkpoint after so many of `window`. */
export function filtered(
  on: "stream" | "type",
  { regex = "", prefixes = [], window, multiplier = 1 }: { regex?: string; prefixes?: string[]; window?: number; multiplier?: number },
): Change {
  return (options) => {
    const expression = new Options.FilterOptions.Expression();
    expression.setRegex(regex);
    expression.setPrefixList(prefixes);
    const filter = new Options.FilterOptions();
    if (on === "stream") filter.setStreamIdentifier(expression);
    else filter.setEventType(expression);
    if (window === undefined) filter.setCount(new shared.Empty());
    else filter.setMax(window);
    filter.setCheckpointintervalmultiplier(multiplier);
    options.setFilter(filter);
  };
}

function uuids(form: "string" | "structured"): InstanceType<typeof Options.UUIDOption> {
  const option = new Options.UUIDOption();
  if (form === "string") option.setString(new shared.Empty());
  else option.setStructured(new shared.Empty());
  return option;
}

/** All messages of a read, and how it ended. */
export async function outcomeOf(
  call: ClientReadableStream<ReadResp>,
): Promise<{ readonly messages: readonly ReadResp[]; readonly error: ServiceError | undefined }> {
  const messages: ReadResp[] = [];
  try {
    for await (const message of call) messages.push(message as ReadResp);
    return { messages, error: undefined };
  } catch (error) {
    return { messages, error: error as ServiceError };
  }
}

/** A message in words, like `event 3` or `link 0@a -> nothing`. */
export function inWords(message: ReadResp): string {
  const { event, link } = message.getEvent()?.toObject() ?? {};
  if (link !== undefined) return `link ${text(link.data)} -> ${event === undefined ? "nothing" : place(event)}`;
  if (event !== undefined) return place(event);
  const { confirmation, checkpoint, streamNotFound, lastAllStreamPosition, ...rest } = message.toObject();
  const [caughtUp, fellBehind] = [message.getCaughtUp(), message.getFellBehind()];
  if (confirmation !== undefined) return "confirmation";
  if (checkpoint !== undefined) return `checkpoint ${checkpoint.commitPosition}`;
  if (caughtUp !== undefined) return `caught up ${progress(caughtUp)}`;
  if (fellBehind !== undefined) return `fell behind ${progress(fellBehind)}`;
  if (streamNotFound !== undefined) return `no stream ${text(streamNotFound.streamIdentifier?.streamName ?? "")}`;
  if (lastAllStreamPosition !== undefined) return `last of all ${lastAllStreamPosition.commitPosition}`;
  return message.hasFirstStreamPosition() ? `first ${rest.firstStreamPosition}` : `last ${rest.lastStreamPosition}`;
}

function progress(told: InstanceType<typeof streams.ReadResp.CaughtUp> | InstanceType<typeof streams.ReadResp.FellBehind>): string {
  if (told.hasStreamRevision()) return told.getStreamRevision() ?? "";
  return told.getPosition()?.getCommitPosition() ?? "nowhere";
}

type Recorded = NonNullable<NonNullable<ReturnType<ReadResp["toObject"]>["event"]>["event"]>;

function place({ streamRevision, streamIdentifier }: Recorded): string {
  return `${streamRevision}@${text(streamIdentifier?.streamName ?? "")}`;
}

/** Bytes are base64 where a message is made an object of. */
function text(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as string, "base64").toString("utf8");
}
