import type { EventFilter } from "../read.ts";
import { categoryOf } from "../adapter/category.ts";
import type { KeptEvent } from "./kept-event.ts";

/** By what the events of a list are counted. */
export type CursorOf = (event: KeptEvent) => number;

/** The index of the first event at or behind a cursor. Cursors grow along a list, and may have holes where events were scavenged. */
export function indexAt(list: readonly KeptEvent[], cursor: number, cursorOf: CursorOf): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cursorOf(list[middle] as KeptEvent) < cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a filter lets an event through. */
export function selects({ types, categories, streamPrefix = "", correlationId }: EventFilter, event: KeptEvent): boolean {
  return (
    (types?.includes(event.type) ?? true) &&
    (categories?.includes(categoryOf(event.stream)) ?? true) &&
    event.stream.startsWith(streamPrefix) &&
    (correlationId === undefined || correlationOf(event) === correlationId)
  );
}

/** The correlation id in an event's metadata; `undefined` where there is none. */
export function correlationOf({ metadata }: KeptEvent): string | undefined {
  try {
    const { correlationId } = JSON.parse(metadata) as { readonly correlationId?: unknown };
    return typeof correlationId === "string" ? correlationId : undefined;
  } catch {
    // Metadata is kept verbatim: it need not be JSON.
    return undefined;
  }
}
