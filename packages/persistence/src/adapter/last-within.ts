import type { EventBatch, UpTo } from "../read.ts";
import { isBehind } from "./cut-batch.ts";
import type { MaybePromise, PageRequest } from "./driver.ts";

/**
 * The cursor before the first event of a source that lies behind a place; `undefined` where none does. Versions, positions and times all grow along a source, so
 * that some twenty pages of one event find it, where reading backwards from the end would look at everything behind.
 */
export async function lastWithin(
  readPage: (request: PageRequest) => MaybePromise<EventBatch>,
  request: PageRequest,
  upTo: UpTo,
): Promise<number | undefined> {
  const isStream = "stream" in request.source;
  const probe: PageRequest = { ...request, direction: "forwards", maxEvents: 1, filter: undefined };
  const { head, lastVersion } = await readPage({ ...probe, from: 0 });
  let low = 0;
  let high = ((isStream ? lastVersion : head) ?? -1) + 1;
  let isFound = false;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = (await readPage({ ...probe, from: middle })).events;
    const isFirstBehind = event !== undefined && isBehind(event, upTo);
    isFound ||= isFirstBehind;
    if (event === undefined || isFirstBehind) high = middle;
    else low = (isStream ? event.version : event.position) + 1;
  }
  return isFound ? low - 1 : undefined;
}
