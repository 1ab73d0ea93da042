import type { MessageMetadata, Position, Version } from "@reactive-domain/core";
import { metadataOf, type EventBase } from "@reactive-domain/messaging";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { checkpointAt, type Checkpoint } from "./checkpoint.ts";
import type { EventFeed } from "./event-feed.ts";

/** What a handler of recorded events is told beside the event. */
export interface EventContext {
  readonly stream: string;
  /** The event's number in its stream. */
  readonly version: Version;
  /** The event's place in the log. */
  readonly position: Position;
  /** When it was committed, by the store's clock. */
  readonly time: Date;
  /** That of the feed it was delivered on, behind this event: where to go on once it is handled. */
  readonly checkpoint: Checkpoint;
  readonly metadata: MessageMetadata;
}

/** A context that decodes only what is looked at. */
export class RecordedContext implements EventContext {
  readonly #recorded: RecordedEvent;
  readonly #event: EventBase;
  readonly #feed: EventFeed;

  constructor(recorded: RecordedEvent, event: EventBase, feed: EventFeed) {
    this.#recorded = recorded;
    this.#event = event;
    this.#feed = feed;
  }

  get stream(): string {
    return this.#recorded.stream;
  }

  get version(): Version {
    return this.#recorded.version;
  }

  get position(): Position {
    return this.#recorded.position;
  }

  get time(): Date {
    return this.#recorded.time;
  }

  get checkpoint(): Checkpoint {
    return checkpointAt(this.#recorded, this.#feed);
  }

  get metadata(): MessageMetadata {
    return metadataOf(this.#event);
  }
}
