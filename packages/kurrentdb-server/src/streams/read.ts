import { once } from "node:events";
import { status, type ServerWritableStream } from "@grpc/grpc-js";
import { after, at, type EventBatch, type ReadOptions, type ReadSource, type SubscribeOptions } from "@reactive-domain/persistence";
import { Batch } from "../batched-messages.ts";
import type { ServerContext } from "../server-context.ts";
import { encodeReadEvent } from "../wire/encode-read-event.ts";
import { placeOf, positionAt, versionOf } from "../wire/places.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { invalidArgument, Refusal } from "../wire/refusal.ts";
import { streamName } from "../wire/stream-name.ts";
import type { UuidForm } from "../wire/uuid.ts";
import type { ReadReq, ReadReqOptions } from "./read-request.ts";

export type ReadCall = ServerWritableStream<ReadReq, unknown>;

/** Reads a stream or the log, or follows it. */
export function read(context: ServerContext) {
  return (call: ReadCall): void => {
    answer(context, call).then(
      () => call.end(),
      (error: unknown) => call.destroy(refusalOf(error)),
    );
  };
}

async function answer(context: ServerContext, call: ReadCall): Promise<void> {
  const options = call.request.options ?? {};
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort(new Refusal(status.CANCELLED, "The client has left.")));
  const uuidForm: UuidForm = options.uuid_option?.structured ? "structured" : "string";
  const source = sourceOf(options);
  if (options.subscription) return follow(context, call, { source, options, uuidForm, signal: gone.signal });
  const direction = options.read_direction === "Backwards" ? "backwards" : "forwards";
  const limit = placeOf(options.count);
  if (limit === 0) return;
  const readOptions: ReadOptions = {
    direction,
    from: placeToRead(options, direction),
    signal: gone.signal,
    maxBatchEvents: context.limits.pageEvents,
    maxBatchBytes: context.limits.pageBytes,
    ...(limit !== undefined && { limit }),
  };
  for await (const batch of context.store.read(source, readOptions).batches()) {
    if (batch.lastVersion === null) return void call.write({ stream_not_found: { stream_identifier: options.stream?.stream_identifier } });
    await send(call, batch, uuidForm);
  }
}

interface Following {
  readonly source: ReadSource;
  readonly options: ReadReqOptions;
  readonly uuidForm: UuidForm;
  readonly signal: AbortSignal;
}

async function follow(context: ServerContext, call: ReadCall, { source, options, uuidForm, signal }: Following): Promise<void> {
  const subscription = context.store.subscribe(source, {
    from: placeToFollow(options),
    signal,
    maxBatchEvents: context.limits.pageEvents,
    maxBatchBytes: context.limits.pageBytes,
  });
  call.write({ confirmation: { subscription_id: context.runtime.ids.next() } });
  for await (const message of subscription) {
    if (message.kind === "events") await send(call, message, uuidForm);
    else call.write({ caught_up: {} });
  }
}

async function send(call: ReadCall, { events }: Pick<EventBatch, "events">, uuidForm: UuidForm): Promise<void> {
  if (events.length === 0) return;
  const messages = events.map((event) => encodeReadEvent({ event }, uuidForm));
  if (!call.write(new Batch(messages)) && !call.cancelled) await once(call, "drain");
}

function sourceOf({ stream, all }: ReadReqOptions): ReadSource {
  if (all) return { all: true };
  if (stream) return { stream: streamName(stream.stream_identifier) };
  throw invalidArgument("The request names neither a stream nor the whole log.");
}

function placeToRead({ stream, all }: ReadReqOptions, direction: "forwards" | "backwards"): NonNullable<ReadOptions["from"]> {
  const option = stream ?? all;
  if (option?.end) return "end";
  if (option?.start) return "start";
  if (stream?.revision !== undefined) return at(versionOf(stream.revision, "The revision to read from"));
  const place = placeOf(all?.position?.commit_position);
  if (place === undefined) return "end";
  return direction === "forwards" ? at(positionAt(place)) : after(positionAt(place));
}

function placeToFollow({ stream, all }: ReadReqOptions): NonNullable<SubscribeOptions["from"]> {
  const option = stream ?? all;
  if (option?.end) return "end";
  if (option?.start) return "start";
  if (stream?.revision !== undefined) return after(versionOf(stream.revision, "The revision to follow from"));
  const place = placeOf(all?.position?.commit_position);
  return place === undefined ? "end" : after(positionAt(place));
}
