import { findJsonProblem, position, textOf, version, type JsonValue } from "@reactive-domain/core";
import { classOf, validate, type EventBase, type EventSerializer } from "@reactive-domain/foundation";
import { JSON_CONTENT_TYPE, recordedEvent, serializationContextOf, type NewEvent } from "@reactive-domain/persistence";
import type { Meaning, Sample } from "./sample.ts";

const PLACE = { stream: "sample-1", version: version(0), position: position(0), time: new Date(0) };
const ID = "00000000-0000-7000-8000-000000000001";

/** What a sample is read as, and what is wrong with that. */
export interface SampleReading {
  readonly messages: readonly EventBase[];
  readonly means: readonly Meaning[];
  readonly problems: readonly string[];
}

/** Reads a sample as if it came from a store. Errors: those of the serializer. */
export async function readMeaning(serializer: EventSerializer, sample: Sample): Promise<SampleReading> {
  const { type, schemaVersion, contentType } = sample;
  const event = recordedEvent({ ...PLACE, id: ID, type, schemaVersion, contentType, data: dataOf(sample), metadata: "{}" });
  const messages = await serializer.deserialize(event);
  return {
    messages,
    means: messages.map((message) => ({ type: classOf(message).type, payload: asJson(message) })),
    problems: messages.flatMap(problemsOf),
  };
}

/** The sample that an event is kept as, without its meaning. Errors: those of the serializer. */
export async function sampleOf(serializer: EventSerializer, event: EventBase): Promise<Sample> {
  const { type } = classOf(event);
  const kept = await serializer.serialize(event, serializationContextOf(event, { stream: PLACE.stream }));
  return { type, schemaVersion: kept.schemaVersion, contentType: kept.contentType, data: keptData(kept), means: undefined };
}

function problemsOf(message: EventBase): readonly string[] {
  const { type } = classOf(message);
  const json = findJsonProblem(message);
  if (json !== undefined) return [`is read as ${type} with what JSON does not hold: ${json.path} ${json.reason}.`];
  try {
    validate(message);
    return [];
  } catch (error) {
    return [`is read as what does not fit the schema of ${type}: ${textOf(error)}`];
  }
}

/** The payload of a message as JSON. */
export function asJson(message: EventBase): JsonValue {
  return JSON.parse(JSON.stringify(message)) as JsonValue;
}

function keptData({ contentType, data }: NewEvent): JsonValue {
  if (contentType === JSON_CONTENT_TYPE)
    return JSON.parse(typeof data === "string" ? data : Buffer.from(data).toString("utf8")) as JsonValue;
  return typeof data === "string" ? { text: data } : { base64: Buffer.from(data).toString("base64") };
}

function dataOf({ contentType, data }: Sample): string | Uint8Array {
  if (contentType === JSON_CONTENT_TYPE) return JSON.stringify(data);
  const { text, base64 } = data as { readonly text?: unknown; readonly base64?: unknown };
  if (typeof text === "string") return text;
  if (typeof base64 === "string") return Buffer.from(base64, "base64");
  throw new TypeError("its data is neither { text } nor { base64 }");
}
