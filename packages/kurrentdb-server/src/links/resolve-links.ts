import { version } from "@reactive-domain/core";
import { at, type EventStore, type RecordedEvent, type RecordedEventFields } from "@reactive-domain/persistence";
import { shownEvent } from "../views/tombstone-event.ts";
import type { SeenEvent } from "../views/view.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import { isLink, linkTarget, type LinkTarget } from "./link-target.ts";

/** The most links that are resolved at once. */
export const LINKS_AT_ONCE = 16;

/** Entries in place of events: a link comes with the event that it leads to, or alone where its stream does not show that event any more. */
export function resolveLinks(store: EventStore, seen: readonly SeenEvent[], signal: AbortSignal): Promise<readonly ReadEntry[]> {
  const shown = new VisibleVersions(store, signal);
  return Promise.all(seen.map((one) => entryOf(store, one, shown, signal)));
}

async function entryOf(store: EventStore, { event, target }: SeenEvent, shown: VisibleVersions, signal: AbortSignal): Promise<ReadEntry> {
  if (target !== undefined) return { event: (await shown.has(target)) ? shownEvent(target) : undefined, link: event };
  if (!isLink(event)) return { event };
  const place = linkTarget(event);
  return { event: place === undefined ? undefined : await eventAt(store, place, signal), link: event };
}

async function eventAt(store: EventStore, { stream, revision }: LinkTarget, signal: AbortSignal): Promise<RecordedEventFields | undefined> {
  for await (const event of store.read({ stream }, { from: at(version(revision)), limit: 1, signal }))
    return event.version === revision ? event : undefined;
  return undefined;
}

/** Which events their streams show, each stream asked once. */
class VisibleVersions {
  readonly #store: EventStore;
  readonly #signal: AbortSignal;
  readonly #first = new Map<string, Promise<number>>();

  constructor(store: EventStore, signal: AbortSignal) {
    this.#store = store;
    this.#signal = signal;
  }

  async has({ stream, version: place }: RecordedEvent): Promise<boolean> {
    let first = this.#first.get(stream);
    if (first === undefined) {
      first = this.#firstOf(stream);
      this.#first.set(stream, first);
    }
    return place >= (await first);
  }

  async #firstOf(stream: string): Promise<number> {
    const { firstVersion } = await this.#store.streamInfo(stream, { signal: this.#signal });
    return firstVersion ?? Number.POSITIVE_INFINITY;
  }
}
