import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { NewEvent } from "@reactive-domain/persistence";
import { principalOf, type Principal } from "../access/principal.ts";
import type { ServerContext } from "../server-context.ts";
import { answer } from "../wire/answer.ts";
import { expectationOfNumber } from "../wire/places.ts";
import { invalidArgument } from "../wire/refusal.ts";
import type { StreamCheck } from "./stream-check.ts";
import { recordEvent, type AppendRecord } from "./record-event.ts";
import { RecordSizes } from "./record-sizes.ts";
import { refusalV2Of } from "./refusal-v2.ts";
import { writeChecked } from "./write-checked.ts";

interface AppendRecordsRequest {
  readonly records?: readonly AppendRecord[];
  readonly checks?: readonly { readonly stream_state?: { readonly stream?: string; readonly expected_state?: string } }[];
}

/**
 * Appends records to any streams, all or nothing, if streams are as they are said to be, whether they are written or not. Records of one stream keep their order; in
 * the log they stand together.
 */
export function appendRecords(context: ServerContext) {
  return (call: ServerUnaryCall<AppendRecordsRequest, object>, callback: sendUnaryData<object>): void => {
    void answer(appended(context, call.request, principalOf(call)), callback, refusalV2Of);
  };
}

async function appended(
  context: ServerContext,
  { records = [], checks = [] }: AppendRecordsRequest,
  principal: Principal,
): Promise<object> {
  const write = { events: eventsByStream(context, records), checks: checks.map(checkOf), principal };
  const { streams, position } = await writeChecked(context, write);
  return { revisions: streams.map(({ stream, version }) => ({ stream, revision: version })), position };
}

function eventsByStream({ limits, runtime }: ServerContext, records: readonly AppendRecord[]): ReadonlyMap<string, readonly NewEvent[]> {
  if (records.length === 0) throw invalidArgument("The request has no records. Send one at least.");
  const sizes = new RecordSizes(limits.maxAppendBytes);
  const events = new Map<string, NewEvent[]>();
  for (const record of records) {
    const { stream = "" } = record;
    const event = recordEvent(record, runtime.ids);
    sizes.add(stream, event);
    const before = events.get(stream);
    if (before === undefined) events.set(stream, [event]);
    else before.push(event);
  }
  return events;
}

function checkOf({ stream_state: state }: NonNullable<AppendRecordsRequest["checks"]>[number], index: number): StreamCheck {
  if (!state?.stream) throw invalidArgument(`Check ${index} does not name a stream.`);
  return { index, stream: state.stream, expected: expectationOfNumber(state.expected_state ?? "0") };
}
