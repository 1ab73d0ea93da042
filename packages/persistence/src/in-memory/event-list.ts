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
