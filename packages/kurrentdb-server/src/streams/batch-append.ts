import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { NewEvent } from "@reactive-domain/persistence";
import type { ServerContext } from "../server-context.ts";
import { expectedVersionOf, wirePosition, type WireExpectation } from "../wire/places.ts";
import { proposedEvent, type ProposedMessage } from "../wire/proposed-event.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { streamName, type WireStream } from "../wire/stream-name.ts";
import { uuidText, type WireUuid } from "../wire/uuid.ts";
import { appendEvents } from "./append-events.ts";

interface BatchOptions extends Omit<WireExpectation, "revision"> {
  readonly stream_identifier?: WireStream;
  readonly stream_position?: string;
}

interface BatchAppendReq {
  readonly correlation_id?: WireUuid;
  readonly options?: BatchOptions;
  readonly proposed_messages?: readonly ProposedMessage[];
  readonly is_final?: boolean;
}

interface OpenBatch {
  readonly options: BatchOptions;
  readonly events: NewEvent[];
}

/** Appends of many callers over one connection, each answered as soon as it is done. */
export function batchAppend(context: ServerContext) {
  return (call: ServerDuplexStream<BatchAppendReq, object>): void => {
    const open = new Map<string, OpenBatch>();
    call.on("data", (request: BatchAppendReq) => {
      const id = uuidText(request.correlation_id) ?? "";
      if (request.options) open.set(id, { options: request.options, events: [] });
      const batch = open.get(id);
      if (batch === undefined) return;
      for (const message of request.proposed_messages ?? []) batch.events.push(proposedEvent(message));
      if (request.is_final !== true) return;
      open.delete(id);
      void answer(context, call, request.correlation_id, batch);
    });
    call.on("end", () => call.end());
  };
}

async function answer(
  context: ServerContext,
  call: ServerDuplexStream<BatchAppendReq, object>,
  correlation_id: WireUuid | undefined,
  { options, events }: OpenBatch,
): Promise<void> {
  const told = { correlation_id, stream_identifier: options.stream_identifier };
  try {
    const stream = streamName(options.stream_identifier);
    const expectation = { ...options, ...(options.stream_position !== undefined && { revision: options.stream_position }) };
    const { version, position } = await appendEvents(context, { stream, expectedVersion: expectedVersionOf(expectation), events });
    call.write({ ...told, success: { current_revision: String(version), position: wirePosition(position) } });
  } catch (error) {
    const { code, message } = refusalOf(error);
    call.write({ ...told, error: { code, message } });
  }
}
