import { AlreadyClosed, derivedId, InvalidArgument, type ExpectedVersion } from "@reactive-domain/core";
import { MessageBuilder, metadataOf, type EventBase } from "@reactive-domain/messaging";
import { serializationContextOf, type EventSerializer, type NewEvent, type WriteItem } from "@reactive-domain/persistence";
import { RecordedContext, type EventContext } from "../listeners/event-context.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { Held } from "./held.ts";

/** What a handler of a consumer group is told beside the event, and how it has something written together with the acknowledgement. */
export interface GroupEventContext extends EventContext {
  /** Which delivery of this event it is, from 1. */
  readonly attempt: number;
  /** The consumer that handles it. */
  readonly consumer: string;
  /** Aborts when the delivery is lost to another consumer, when the handler has had its time, and when the consumer is to end: stop what you are doing. */
  readonly signal: AbortSignal;
  /**
   * Has events appended to a stream in the write that acknowledges this one: both or none, so that each event leads to them exactly once. They are correlated with this one, and
   * their ids follow from its id. Several calls for one stream make one append, with the first `expectedVersion` (default `any`).
   *
   * Errors: `invalid-argument`, `already-correlated`, those of the serializer; `already-closed` when the event is handled already.
   */
  append(stream: string, events: readonly EventBase[], options?: { readonly expectedVersion?: ExpectedVersion }): Promise<void>;
  /**
   * Has items of any kind written together with the acknowledgement. Where the store refuses them, as for a version that is another, the event counts as failed, and comes again.
   *
   * Errors: `already-closed` when the event is handled already.
   */
  settleWith(...items: readonly WriteItem[]): void;
}

/** What is to be written together with the acknowledgement of one delivery. */
export class SettledWith {
  readonly #scope: string;
  readonly #serializer: EventSerializer;
  readonly #items: WriteItem[] = [];
  readonly #appends = new Map<string, { readonly expectedVersion: ExpectedVersion; readonly events: Promise<NewEvent>[] }>();
  #isTaken = false;

  constructor(group: string, serializer: EventSerializer) {
    this.#scope = group;
    this.#serializer = serializer;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#appends.size === 0;
  }

  add(items: readonly WriteItem[]): void {
    this.#refuseLate();
    this.#items.push(...items);
  }

  async append(cause: EventBase, stream: string, events: readonly EventBase[], expectedVersion: ExpectedVersion): Promise<void> {
    this.#refuseLate();
    if (!Array.isArray(events) || events.length === 0) throw new InvalidArgument("events", "a list of at least one event", events);
    const append = this.#appends.get(stream) ?? { expectedVersion, events: [] };
    this.#appends.set(stream, append);
    const added = (events as readonly EventBase[]).map((event, index) =>
      this.#serialized(cause, event, stream, append.events.length + index),
    );
    append.events.push(...added);
    await Promise.all(added);
  }

  /** All of it; nothing can be added from now on. Errors: those of the serializer. */
  async take(): Promise<readonly WriteItem[]> {
    this.#isTaken = true;
    const items = [...this.#items];
    for (const [stream, { expectedVersion, events }] of this.#appends)
      items.push({ kind: "append", stream, expectedVersion, events: await Promise.all(events) });
    return items;
  }

  /** Forgets all of it. */
  end(): void {
    this.#isTaken = true;
  }

  #serialized(cause: EventBase, event: EventBase, stream: string, ordinal: number): Promise<NewEvent> {
    const metadata = metadataOf(cause);
    const serialize = async (): Promise<NewEvent> => {
      const id = derivedId(metadata.id, `${this.#scope} ${stream}`, ordinal);
      const placed = MessageBuilder.from(metadata).create(event, { id });
      return this.#serializer.serialize(placed, serializationContextOf(placed, { stream }));
    };
    const serialized = serialize();
    // Who asked for it is told; and whoever takes it all.
    serialized.catch(() => undefined);
    return serialized;
  }

  #refuseLate(): void {
    if (this.#isTaken) throw new AlreadyClosed("The handling of this event");
  }
}

/** The context of one message of a delivery. */
export class HandlerContext extends RecordedContext implements GroupEventContext {
  readonly consumer: string;
  readonly #held: Held;
  readonly #cause: EventBase;
  readonly #settledWith: SettledWith;

  constructor(
    held: Held,
    event: EventBase,
    parts: { readonly feed: EventFeed; readonly consumer: string; readonly settledWith: SettledWith },
  ) {
    super(held.delivery.event, event, parts.feed);
    this.#held = held;
    this.#cause = event;
    this.consumer = parts.consumer;
    this.#settledWith = parts.settledWith;
  }

  get attempt(): number {
    return this.#held.delivery.attempt;
  }

  get signal(): AbortSignal {
    return this.#held.signal;
  }

  append(stream: string, events: readonly EventBase[], options: { readonly expectedVersion?: ExpectedVersion } = {}): Promise<void> {
    return this.#settledWith.append(this.#cause, stream, events, options.expectedVersion ?? "any");
  }

  settleWith(...items: readonly WriteItem[]): void {
    this.#settledWith.add(items);
  }
}
