import { EventBase, ReadModelBase, sleep, type EventContext, type EventFeed } from "@reactive-domain/foundation";
import type { Behaviour, FeedName } from "./steps.ts";

/** What a model was told: an event, by the feed that delivered it. */
export interface Entry {
  readonly feed: FeedName;
  readonly position: number;
}

const feeds = new WeakMap<EventBase, FeedName>();

/** A feed whose events tell by which feed they came. */
export function tagged(name: FeedName, feed: EventFeed): EventFeed {
  const { serializer } = feed;
  return {
    ...feed,
    serializer: {
      serialize: (event, context) => serializer.serialize(event, context),
      deserialize(recorded) {
        const events = serializer.deserialize(recorded);
        return events instanceof Promise ? events.then((made) => tag(made, name)) : tag(events, name);
      },
    },
  };
}

function tag(events: readonly EventBase[], name: FeedName): readonly EventBase[] {
  for (const event of events) feeds.set(event, name);
  return events;
}

/** A model that writes down what it is told, in two halves, and behaves as it is told to. */
export class Recorder extends ReadModelBase {
  readonly entries: Entry[] = [];
  /** What went wrong between the halves, and what came when nothing should. */
  readonly problems: string[] = [];
  isHalf = false;
  isClosed = false;
  /** Whether a handler has thrown. */
  hasFailed = false;
  readonly #behaviour: Behaviour;

  constructor(behaviour: Behaviour) {
    super();
    this.#behaviour = behaviour;
    this.on(EventBase, (event, context) => this.#begin(event, context));
  }

  takeSnapshot(): { readonly entries: readonly Entry[] } {
    if (this.isHalf) this.problems.push("a snapshot was taken of a half");
    return { entries: [...this.entries] };
  }

  restoreFromSnapshot({ entries }: { readonly entries: readonly Entry[] }): void {
    this.entries.push(...entries);
  }

  #begin(event: EventBase, { position }: EventContext): unknown {
    const feed = feeds.get(event) ?? "all";
    if (this.isHalf) this.problems.push(`${feed} ${position} came in the middle of another one`);
    if (this.isClosed) this.problems.push(`${feed} ${position} came to a closed model`);
    this.isHalf = true;
    const { slowEvery, slowMs } = this.#behaviour;
    if (slowEvery === 0 || this.entries.length % slowEvery > 0) return this.#finish({ feed, position });
    return sleep(slowMs).then(() => this.#finish({ feed, position }));
  }

  #finish(entry: Entry): void {
    this.isHalf = false;
    if (!this.hasFailed && this.entries.length === this.#behaviour.failAt) {
      this.hasFailed = true;
      throw new RangeError("as planned");
    }
    this.entries.push(entry);
  }
}
