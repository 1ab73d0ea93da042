import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { ExpectedVersion } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type StreamInfo, type WriteItem, type WriteResult } from "@reactive-domain/persistence";
import { METADATA_TYPE, metadataStreamOf } from "../metadata/described-stream.ts";
import { metadataEvents } from "../metadata/metadata-items.ts";
import { writeMetadataJson } from "../metadata/metadata-json.ts";
import { principalOf } from "../access/principal.ts";
import type { ServerContext } from "../server-context.ts";
import { answer } from "../wire/answer.ts";
import { expectedVersionOf, wirePosition, type WireExpectation } from "../wire/places.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { RevisionConflict } from "../wire/revision-conflict.ts";
import { streamName, type WireStream } from "../wire/stream-name.ts";
import { notTombstoned } from "./append-events.ts";
import { refuseTold } from "./refuse-reserved.ts";
import { writeAsExpected } from "./write-as-expected.ts";

/** What is to be deleted; the same of a tombstone. */
export interface DeleteReq {
  readonly options?: WireExpectation & { readonly stream_identifier?: WireStream };
}

type DeleteCall = Pick<ServerUnaryCall<DeleteReq, object>, "request" | "metadata">;

/** What is done to a stream that is to be no more. */
export type Deletion = (context: ServerContext, stream: SeenStream, expected: ExpectedVersion) => Promise<WriteResult>;

/** A stream as it was, and the version of what was told of it by then: another server of the store may tell something since. */
export interface SeenStream {
  readonly info: StreamInfo;
  readonly told: ExpectedVersion;
}

/** Between a look and the write another server may tell something of the stream: hardly ever twice. */
const MAX_TRIES = 10;

/** Deletes a stream so that it may be written again. */
export const deleteStream = answerDeletion(({ store, runtime }, { info, told }, expectedVersion) => {
  const { stream, metadata: before } = info;
  // Where events began is not to be told of a stream without any, until it is written again.
  const { truncateBefore: _, ...metadata } = before;
  const event = {
    id: runtime.ids.next(),
    type: METADATA_TYPE,
    schemaVersion: 1,
    contentType: JSON_CONTENT_TYPE,
    data: writeMetadataJson(metadata, true),
    metadata: "{}",
  };
  const items: readonly WriteItem[] = [
    { kind: "delete", stream, expectedVersion },
    { kind: "metadata", stream, metadata },
    ...metadataEvents({ stream: metadataStreamOf(stream), expectedVersion: told, events: [event] }),
  ];
  return writeAsExpected(store, items);
});

/** Answers a call that ends a stream in some way. */
export function answerDeletion(deletion: Deletion) {
  return (context: ServerContext) =>
    (call: DeleteCall, callback: sendUnaryData<object>): void => {
      void answer(done(context, call, deletion), callback);
    };
}

async function done(context: ServerContext, call: DeleteCall, deletion: Deletion): Promise<object> {
  const { options } = call.request;
  if (!options) throw invalidArgument("The request does not say which stream.");
  const stream = streamName(options.stream_identifier);
  const expected = expectedVersionOf(options);
  refuseTold(stream);
  await context.access.toStream(principalOf(call), "delete", stream);
  return context.lanes.run(stream, async () => {
    const { position } = await deleted(context, stream, (seen) => deletion(context, seen, expected));
    return position === null ? { no_position: {} } : { position: wirePosition(position) };
  });
}

async function deleted(context: ServerContext, stream: string, deletion: (seen: SeenStream) => Promise<WriteResult>): Promise<WriteResult> {
  const telling = metadataStreamOf(stream);
  for (let tries = 1; ; tries++) {
    // What is told behind this look is a conflict.
    const { state, lastVersion } = await context.store.streamInfo(telling);
    const told = state === "live" && lastVersion !== null ? lastVersion : "noStream";
    const info = await notTombstoned(context, stream);
    try {
      return await deletion({ info, told });
    } catch (error) {
      if (!(error instanceof RevisionConflict && error.stream === telling) || tries === MAX_TRIES) throw error;
    }
  }
}
