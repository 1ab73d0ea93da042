import { version } from "@reactive-domain/core";
import { at, type EventStore, type RecordedEvent, type RecordedEventFields } from "@reactive-domain/persistence";
import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import { rightToRead } from "../access/stream-rights.ts";
import { shownEvent } from "../views/tombstone-event.ts";
import { withoutSecrets } from "../views/without-secrets.ts";
import type { SeenEvent } from "../views/view.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import { isLink, linkTarget, type LinkTarget } from "./link-target.ts";

/** The most links that are resolved at once. */
export const LINKS_AT_ONCE = 16;

/** Where links lead to. */
export interface LinkContext {
  readonly store: EventStore;
  readonly access: Access;
}

/** For whom links are resolved. */
export interface LinkReader {
  readonly principal: Principal;
  readonly signal: AbortSignal;
}

/**
 * Entries in place of events: a link comes with the event that it leads to, or alone where its stream does not show that event any more, or must not be read by who asks.
 */
export function resolveLinks(context: LinkContext, seen: readonly SeenEvent[], reader: LinkReader): Promise<readonly ReadEntry[]> {
  const targets = new Targets(context, reader);
  return Promise.all(seen.map((one) => entryOf(one, targets)));
}

async function entryOf({ event, target }: SeenEvent, targets: Targets): Promise<ReadEntry> {
  if (target !== undefined) return { event: (await targets.shows(target)) ? shownEvent(target) : undefined, link: event };
  if (!isLink(event)) return { event };
  const place = linkTarget(event);
  return { event: place === undefined ? undefined : await targets.eventAt(place), link: event };
}

/** What the streams that links lead to show to somebody, each stream asked once. */
class Targets {
  readonly #store: EventStore;
  readonly #access: Access;
  readonly #reader: LinkReader;
  readonly #first = new Map<string, Promise<number>>();
  readonly #readable = new Map<string, Promise<boolean>>();

  constructor({ store, access }: LinkContext, reader: LinkReader) {
    this.#store = store;
    this.#access = access;
    this.#reader = reader;
  }

  async shows(target: RecordedEvent): Promise<boolean> {
    const { stream, version: place } = target;
    if (!(await this.#isReadable(shownEvent(target).stream))) return false;
    const first = this.#first.get(stream) ?? this.#firstOf(stream);
    this.#first.set(stream, first);
    return place >= (await first);
  }

  async eventAt({ stream, revision }: LinkTarget): Promise<RecordedEventFields | undefined> {
    if (!(await this.#isReadable(stream))) return undefined;
    const { signal } = this.#reader;
    for await (const event of this.#store.read({ stream }, { from: at(version(revision)), limit: 1, signal }))
      return event.version === revision ? withoutSecrets(event) : undefined;
    return undefined;
  }

  #isReadable(stream: string): Promise<boolean> {
    const known = this.#readable.get(stream) ?? this.#mayRead(stream);
    this.#readable.set(stream, known);
    return known;
  }

  async #mayRead(stream: string): Promise<boolean> {
    const { right, of } = rightToRead(stream);
    return this.#access.allows(this.#reader.principal, right, of);
  }

  async #firstOf(stream: string): Promise<number> {
    const { firstVersion } = await this.#store.streamInfo(stream, { signal: this.#reader.signal });
    return firstVersion ?? Number.POSITIVE_INFINITY;
  }
}
