import type { sendUnaryData, ServerReadableStream } from "@grpc/grpc-js";
import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import { WrongExpectedVersion, type NewEvent } from "@reactive-domain/persistence";
import type { ServerContext } from "../server-context.ts";
import { expectedVersionOf, wirePosition, type WireExpectation, type WirePosition } from "../wire/places.ts";
import { proposedEvent, type ProposedMessage } from "../wire/proposed-event.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { streamName, type WireStream } from "../wire/stream-name.ts";
import { appendEvents } from "./append-events.ts";

export interface AppendReq {
  readonly options?: WireExpectation & { readonly stream_identifier?: WireStream };
  readonly proposed_message?: ProposedMessage;
}

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
  return (call: ServerReadableStream<AppendReq, AppendResp>, callback: sendUnaryData<AppendResp>): void => {
    appended(context, call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(refusalOf(error)),
    );
  };
}

async function appended(context: ServerContext, call: AsyncIterable<AppendReq>): Promise<AppendResp> {
  let options: AppendReq["options"];
  const events: NewEvent[] = [];
  for await (const { options: told, proposed_message: proposed } of call) {
    if (told) options = told;
    else if (proposed) events.push(proposedEvent(proposed));
  }
  if (options === undefined) throw invalidArgument("The append does not say to which stream.");
  const stream = streamName(options.stream_identifier);
  const expectedVersion = expectedVersionOf(options);
  try {
    return successOf(await appendEvents(context, { stream, expectedVersion, events }));
  } catch (error) {
    if (error instanceof WrongExpectedVersion) return { wrong_expected_version: conflictOf(expectedVersion, error.actual) };
    throw error;
  }
}

function successOf({ version, position }: { readonly version: Version; readonly position: Position }): AppendResp {
  return { success: { current_revision: String(version), position: wirePosition(position) } };
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
