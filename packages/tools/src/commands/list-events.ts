import type { Position, Version } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type EventStore, type ReadOptions, type ReadSource, type RecordedEvent } from "@reactive-domain/persistence";
import { jsonOnOneLine } from "../json-text.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";

export interface ListEventsOptions {
  /** At most one of these three; the whole log without them. */
  readonly stream?: string;
  readonly category?: string;
  readonly type?: string;
  /** The first event of interest: a version with `stream`, a position otherwise. */
  readonly from?: number;
  readonly limit?: number;
  readonly backwards?: boolean;
  readonly json?: boolean;
}

/** Lists events, one a line. */
export async function listEvents(store: EventStore, options: ListEventsOptions, output: Output): Promise<void> {
  const format = options.json === true ? asJson : asText;
  for await (const { events } of store.read(sourceOf(options), readOptions(options)).batches()) {
    await output.write(events.map(format));
  }
}

function sourceOf({ stream, category, type }: ListEventsOptions): ReadSource {
  if (stream !== undefined) return { stream };
  if (category !== undefined) return { category };
  return type === undefined ? { all: true } : { eventType: type };
}

function readOptions({ from, limit, backwards }: ListEventsOptions): ReadOptions {
  return {
    direction: backwards === true ? "backwards" : "forwards",
    ...(from === undefined ? undefined : { from: { at: from as Position | Version } }),
    ...(limit === undefined ? undefined : { limit }),
  };
}

function asText({ position, time, stream, version, type, data }: RecordedEvent): string {
  const shown = typeof data === "string" ? printable(jsonOnOneLine(data) ?? data) : `(${data.byteLength} bytes)`;
  return `${position}  ${time.toISOString()}  ${printable(stream)}  ${version}  ${printable(type)}  ${shown}`;
}

function asJson(event: RecordedEvent): string {
  const { position, stream, version, type, schemaVersion, id, contentType } = event;
  const head = JSON.stringify({ position, stream, version, type, schemaVersion, id, time: event.time.toISOString(), contentType });
  const metadata = jsonOnOneLine(event.metadata) ?? JSON.stringify(event.metadata);
  return `${head.slice(0, -1)},${dataMember(event)},"metadata":${metadata}}`;
}

/** JSON as it is, other text as a string, bytes in base 64 under a name of their own. */
function dataMember({ contentType, data }: RecordedEvent): string {
  if (typeof data !== "string" && contentType !== JSON_CONTENT_TYPE)
    return `"dataBase64":${JSON.stringify(Buffer.from(data).toString("base64"))}`;
  const text = typeof data === "string" ? data : Buffer.from(data).toString("utf8");
  const json = contentType === JSON_CONTENT_TYPE ? jsonOnOneLine(text) : undefined;
  return `"data":${json ?? JSON.stringify(text)}`;
}
