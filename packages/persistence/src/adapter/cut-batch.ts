import type { Direction, EventBatch, UpTo } from "../read.ts";
import type { RecordedEvent } from "../recorded-event.ts";

/**
 * Takes away what lies behind the place where a read ends. Read forwards, nothing follows such an event, and reading on would start with it; read backwards,
 * such events come first.
 */
export function cutBatch(batch: EventBatch, upTo: UpTo, direction: Direction): EventBatch {
  const { events } = batch;
  if (direction === "backwards") {
    const first = events.findIndex((event) => !isBehind(event, upTo));
    return { ...batch, events: first === -1 ? [] : events.slice(first) };
  }
  const last = events.at(-1);
  if (last !== undefined && isBehind(last, upTo)) {
    const end = events.findIndex((event) => isBehind(event, upTo));
    const cut = events[end] ?? last;
    const next = batch.lastVersion === undefined ? cut.position : cut.version;
    return { ...batch, events: events.slice(0, end), next, isEnd: true };
  }
  return hasPassed(batch, upTo) ? { ...batch, isEnd: true } : batch;
}

/** Whether an event lies behind a place. */
export function isBehind(event: RecordedEvent, upTo: UpTo): boolean {
  if ("version" in upTo) return event.version > upTo.version;
  return "position" in upTo ? event.position > upTo.position : event.time > upTo.time;
}

/** A page may have looked through a part of the log that has nothing for its reader. */
function hasPassed({ next, lastVersion }: EventBatch, upTo: UpTo): boolean {
  if (next === null) return false;
  const isStream = lastVersion !== undefined;
  if (isStream) return "version" in upTo && next > upTo.version;
  return "position" in upTo && next > upTo.position;
}
