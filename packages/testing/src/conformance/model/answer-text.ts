import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import type { NewEvent, RecordedEventFields, StreamResult } from "@reactive-domain/persistence";

/** What a conflict tells. */
export interface Conflict {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly actual: Version | null;
}

/** A write that was done, as text that is equal where all that it tells is equal. */
export function resultText(streams: readonly StreamResult[], isRepeated: boolean, position: Position | null = lastOf(streams)): string {
  const places = streams.map((result) => `${result.stream} at version ${result.version} and position ${result.position}`);
  return `${isRepeated ? "repeated" : "done"}, position ${position}${places.map((place) => `, ${place}`).join("")}`;
}

function lastOf(streams: readonly StreamResult[]): Position | null {
  return streams.map(({ position }) => position).toSorted((one, other) => other - one)[0] ?? null;
}

/** A write that was refused. */
export function refusedText(code: string, conflict?: Conflict): string {
  if (conflict === undefined) return `refused with ${code}`;
  return `refused with ${code}, ${conflict.stream} was expected ${conflict.expected} and is ${conflict.actual ?? "no stream"}`;
}

/** An id that scripts use, short. */
function idText(id: string): string {
  return `#${id.replace(/^[0-]+7000-8000-0*(?=.)/, "")}`;
}

/** All that is looked at in an event that was read. */
export function eventText({ position, stream, version, id, type, data, metadata }: Omit<RecordedEventFields, "time">): string {
  return `${position}: ${stream}@${version} ${newEventText({ id, type, data, metadata })}`;
}

/** An event on its way. */
export function newEventText({ id, type, data, metadata }: Pick<NewEvent, "id" | "type" | "data" | "metadata">): string {
  return `${idText(id)} ${type} ${String(data)}${metadata === "{}" ? "" : ` ${metadata}`}`;
}

/** Several events. */
export function eventsText(events: readonly Omit<RecordedEventFields, "time">[]): string {
  return events.length === 0 ? "nothing" : `[${events.map(eventText).join("; ")}]`;
}
