import { status, type sendUnaryData, type ServerReadableStream } from "@grpc/grpc-js";
import type { WriteResult } from "@reactive-domain/persistence";
import { principalOf, type Principal } from "../access/principal.ts";
import { itemsToAppend, tellWritten, type StreamAppend } from "../streams/append-events.ts";
import { writeAsExpected } from "../streams/write-as-expected.ts";
import type { ServerContext } from "../server-context.ts";
import { answer } from "../wire/answer.ts";
import { textField } from "../wire/encode-fields.ts";
import { expectationOfNumber } from "../wire/places.ts";
import { heldBytes } from "../wire/received-bytes.ts";
import { invalidArgument, Refusal } from "../wire/refusal.ts";
import { recordEvent, type AppendRecord } from "./record-event.ts";
import { RecordSizes } from "./record-sizes.ts";
import { detailedRefusal, refusalV2Of } from "./refusal-v2.ts";

interface AppendRequest {
  readonly stream?: string;
  readonly records?: readonly AppendRecord[];
  readonly expected_revision?: string;
  /** How large the message was. */
  readonly bytes: number;
}

/** Appends to several streams, all or nothing: one message for each. */
export function appendSession(context: ServerContext) {
  return (call: ServerReadableStream<AppendRequest, object>, callback: sendUnaryData<object>): void => {
    void answer(appended(context, call), callback, refusalV2Of);
  };
}

async function appended(context: ServerContext, call: ServerReadableStream<AppendRequest, object>): Promise<object> {
  const appends = await received(context, call);
  if (appends.length === 0) throw new Refusal(status.FAILED_PRECONDITION, "The session ended without an append. Send one at least.");
  const { streams, position } = await writeAppends(context, appends, principalOf(call));
  return {
    output: streams.map((one) => ({ stream: one.stream, stream_revision: one.version, position: one.position })),
    position,
  };
}

async function received({ limits, runtime }: ServerContext, call: AsyncIterable<AppendRequest>): Promise<readonly StreamAppend[]> {
  const sizes = new RecordSizes(limits.maxAppendBytes);
  const appends = new Map<string, StreamAppend>();
  for await (const { stream = "", records = [], expected_revision, bytes } of call) {
    sizes.addHeld(heldBytes(bytes, records.length));
    if (appends.has(stream)) throw streamTwice(stream);
    if (records.length === 0) throw invalidArgument(`The append to ${stream} has no records. Send one at least.`);
    const events = records.map((record) => recordEvent(record, runtime.ids));
    for (const event of events) sizes.add(stream, event);
    appends.set(stream, { stream, expectedVersion: expectationOfNumber(expected_revision), events });
  }
  return [...appends.values()];
}

async function writeAppends(context: ServerContext, appends: readonly StreamAppend[], principal: Principal): Promise<WriteResult> {
  const items = await Promise.all(appends.map((append) => itemsToAppend(context, append, principal)));
  const result = await writeAsExpected(context.store, items.flat());
  tellWritten(
    context,
    appends.map(({ stream }) => stream),
  );
  return result;
}

function streamTwice(stream: string): Refusal {
  return detailedRefusal({
    code: status.ABORTED,
    message: `Stream ${stream} is in the session twice. Send all of its records in one message.`,
    type: "StreamAlreadyInAppendSessionErrorDetails",
    fields: [textField(1, stream)],
  });
}
