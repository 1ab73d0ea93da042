import { InvalidArgument, type MessageMetadata, type Position, type Version } from "@reactive-domain/core";
import { isThenable, metadataOf, type EventBase } from "@reactive-domain/messaging";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import type { EventContext } from "../listeners/event-context.ts";
import type { AnyHandler } from "../listeners/event-dispatcher.ts";

/** What is known of an event that comes to a read model from outside of its feeds. What is not known, handlers must not ask for. */
export type OutsideContext = Partial<EventContext>;

/** What is known of an event that is published into a read model. */
export interface PublishOptions {
  /** What its handlers are told. What is left out they must not ask for. */
  readonly context?: OutsideContext;
  /** Where it came from: recorded as of `recordExternal`. */
  readonly origin?: Checkpoint;
}

/** Calls handlers one after another; waits only where one of them does. */
export function applyTo(handlers: readonly AnyHandler[], event: EventBase, context: EventContext): Promise<void> | undefined {
  for (const [index, handler] of handlers.entries()) {
    const waiting = handler(event as never, context);
    if (isThenable(waiting)) return applyRest(waiting, handlers.slice(index + 1), { event, context });
  }
  return undefined;
}

interface Application {
  readonly event: EventBase;
  readonly context: EventContext;
}

async function applyRest(waiting: PromiseLike<unknown>, rest: readonly AnyHandler[], { event, context }: Application): Promise<void> {
  await waiting;
  await applyTo(rest, event, context);
}

/** A context that refuses to tell what it was not given. */
export class GivenContext implements EventContext {
  readonly #event: EventBase;
  readonly #given: OutsideContext;

  constructor(event: EventBase, given: OutsideContext) {
    this.#event = event;
    this.#given = given;
  }

  get stream(): string {
    return this.#given.stream ?? this.#refuse("stream");
  }

  get version(): Version {
    return this.#given.version ?? this.#refuse("version");
  }

  get position(): Position {
    return this.#given.position ?? this.#refuse("position");
  }

  get time(): Date {
    return this.#given.time ?? this.#refuse("time");
  }

  get checkpoint(): Checkpoint {
    return this.#given.checkpoint ?? this.#refuse("checkpoint");
  }

  get metadata(): MessageMetadata {
    return this.#given.metadata ?? metadataOf(this.#event);
  }

  #refuse(what: keyof EventContext): never {
    throw new InvalidArgument(
      `The ${what} of an event that came from outside of the feeds`,
      "told with it",
      "unknown",
      "Hand it over in the context.",
    );
  }
}
