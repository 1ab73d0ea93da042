import type { PageRequest } from "../adapter/driver.ts";
import type { EventBatch } from "../read.ts";
import { selects } from "../adapter/selects.ts";
import { indexAt, type CursorOf } from "./event-list.ts";
import type { EventLog } from "./event-log.ts";
import type { KeptEvent } from "./kept-event.ts";

/** How many events a page looks at: a filter that finds nothing in a long log must not hold up the event loop. */
const MAX_LOOKS = 10_000;

/** A list, from the first of its events that is shown. */
interface Shown {
  readonly list: readonly KeptEvent[];
  readonly low: number;
  readonly cursorOf: CursorOf;
}

/** Some events, and the index at which reading on would start. */
interface Slice {
  readonly events: readonly KeptEvent[];
  readonly nextIndex: number;
}

const positionOf: CursorOf = (event) => event.position;
const versionOf: CursorOf = (event) => event.version;

/** Reads one page of the log. Nothing waits in between: it is consistent in itself. */
export function readPage(log: EventLog, request: PageRequest, nowMs: number): EventBatch {
  const head = log.headPosition;
  const isSmall = request.filter === undefined && request.maxEvents * log.maxEventBytes <= request.maxBytes;
  if (!("stream" in request.source)) {
    const shown = { list: log.listOf(request.source), low: 0, cursorOf: positionOf };
    return { ...pageOf(shown, request, isSmall, head), head, lastVersion: undefined };
  }
  const stream = log.head(request.source.stream);
  const lastVersion = stream.state === "live" ? stream.lastVersion : null;
  const low = indexAt(stream.events, stream.firstShown(nowMs), versionOf);
  const shown = { list: stream.events, low, cursorOf: versionOf };
  return { ...pageOf(shown, request, isSmall, lastVersion), head, lastVersion };
}

/** A page of a list. `last` is the last cursor of its source, which the list need not have any more. */
function pageOf(shown: Shown, request: PageRequest, isSmall: boolean, last: number | null): Pick<EventBatch, "events" | "isEnd" | "next"> {
  const { list, low, cursorOf } = shown;
  const isForwards = request.direction === "forwards";
  const start = startOf(shown, request);
  const { events, nextIndex } = isSmall ? sliceAt(shown, start, request) : pickAt(shown, start, request);
  const following = isForwards || nextIndex >= low ? list[nextIndex] : undefined;
  const behind = isForwards ? (last ?? -1) + 1 : null;
  return { events, isEnd: following === undefined, next: following === undefined ? behind : cursorOf(following) };
}

/** The index of the first event to look at; outside what is shown where there is none. */
function startOf({ list, low, cursorOf }: Shown, { direction, from }: PageRequest): number {
  if (direction === "forwards") return Math.max(low, indexAt(list, from as number, cursorOf));
  return Math.max(low, from === "end" ? list.length : indexAt(list, from + 1, cursorOf)) - 1;
}

/** Takes what comes, where neither filter nor size can stop it. */
function sliceAt({ list, low }: Shown, start: number, { direction, maxEvents }: PageRequest): Slice {
  if (direction === "forwards")
    return { events: list.slice(start, start + maxEvents), nextIndex: Math.min(start + maxEvents, list.length) };
  const end = Math.max(low - 1, start - maxEvents);
  return { events: list.slice(end + 1, start + 1).toReversed(), nextIndex: end };
}

/** Takes one by one. */
function pickAt({ list, low }: Shown, start: number, { direction, filter, maxEvents, maxBytes }: PageRequest): Slice {
  const [step, end] = direction === "forwards" ? [1, list.length] : [-1, low - 1];
  const events: KeptEvent[] = [];
  let bytes = 0;
  let index = start;
  for (let looks = 0; index !== end && events.length < maxEvents && looks < MAX_LOOKS; looks++, index += step) {
    const event = list[index] as KeptEvent;
    if (filter !== undefined && !selects(filter, event)) continue;
    bytes += event.bytes;
    if (bytes > maxBytes && events.length > 0) break;
    events.push(event);
  }
  return { events, nextIndex: index };
}
