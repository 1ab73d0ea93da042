import type { sendUnaryData, ServerReadableStream } from "@grpc/grpc-js";
import type { ExpectedVersion, Version } from "@reactive-domain/core";
import { principalOf } from "../access/principal.ts";
import type { ServerContext } from "../server-context.ts";
import { answer } from "../wire/answer.ts";
import type { AppendOptions, AppendRequest } from "../wire/decode-append.ts";
import { expectedVersionOf, wirePosition, type WirePosition } from "../wire/places.ts";
import { proposedBytes, proposedEvent, type ProposedMessage } from "../wire/proposed-event.ts";
import { mostHeldBytes } from "../wire/received-bytes.ts";
import { appendTooLarge, invalidArgument } from "../wire/refusal.ts";
import { RevisionConflict } from "../wire/revision-conflict.ts";
import { appendEvents, type AppendedAt } from "./append-events.ts";

interface AppendResp {
  readonly success?: {
    readonly current_revision?: string;
    readonly no_stream?: object;
    readonly position?: WirePosition;
    readonly no_position?: object;
  };
  readonly wrong_expected_version?: object;
}

/** Appends to one stream: what is expected of it comes first, then the events. */
export function append(context: ServerContext) {
  return (call: ServerReadableStream<AppendRequest, AppendResp>, callback: sendUnaryData<AppendResp>): void => {
    void answer(appended(context, call), callback);
  };
}

async function appended(context: ServerContext, call: ServerReadableStream<AppendRequest, AppendResp>): Promise<AppendResp> {
  const { options, messages } = await received(call, context.limits.maxAppendBytes);
  const { stream, expectation } = options;
  const expectedVersion = expectedVersionOf(expectation);
  try {
    return successOf(await appendEvents(context, { stream, expectedVersion, events: messages.map(proposedEvent) }, principalOf(call)));
  } catch (error) {
    if (error instanceof RevisionConflict && !(error.isDeleted && error.expected === "exists"))
      return { wrong_expected_version: conflictOf(error.expected, error.actual) };
    throw error;
  }
}

interface Received {
  readonly options: AppendOptions;
  readonly messages: readonly ProposedMessage[];
}

/** Errors: what is missing, out of order or too much. What is too much is not kept. */
async function received(call: AsyncIterable<AppendRequest>, maxBytes: number): Promise<Received> {
  let options: AppendOptions | undefined;
  let [bytes, heldBytes] = [0, 0];
  const messages: ProposedMessage[] = [];
  for await (const request of call) {
    heldBytes += request.bytes;
    if (heldBytes > mostHeldBytes(maxBytes)) throw appendTooLarge(maxBytes);
    if (request.options) {
      if (options !== undefined) throw invalidArgument("The append says twice to which stream. Begin another one.");
      options = request.options;
    } else if (request.message) {
      if (options === undefined)
        throw invalidArgument("The append must begin with the stream and what is expected of it, but begins with an event.");
      bytes += proposedBytes(request.message);
      if (bytes > maxBytes) throw appendTooLarge(maxBytes);
      messages.push(request.message);
    }
  }
  if (options === undefined) throw invalidArgument("The append does not say to which stream.");
  return { options, messages };
}

function successOf({ version, position }: AppendedAt): AppendResp {
  return {
    success: {
      ...(version === null ? { no_stream: {} } : { current_revision: String(version) }),
      ...(position === null ? { no_position: {} } : { position: wirePosition(position) }),
    },
  };
}

function conflictOf(expected: ExpectedVersion, actual: Version | null): object {
  return {
    ...(actual === null ? { current_no_stream: {} } : { current_revision: String(actual) }),
    ...expectationOf(expected),
  };
}

function expectationOf(expected: ExpectedVersion): object {
  if (expected === "any") return { expected_any: {} };
  if (expected === "exists") return { expected_stream_exists: {} };
  if (expected === "noStream") return { expected_no_stream: {} };
  return { expected_revision: String(expected) };
}
