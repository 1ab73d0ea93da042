import { ReactiveDomainError } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/messaging";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { RecordedContext } from "../listeners/event-context.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { messagesOf } from "../listeners/messages-of.ts";
import type { Projection } from "./projection.ts";
import type { PreparedEvent, Task } from "./task.ts";

/** Reads events of a feed, and finds out what a projection has to do with them; waits only where the serializer does. */
export class Preparation<C> {
  readonly #projection: Projection<C>;
  readonly #feed: EventFeed;

  constructor(projection: Projection<C>, feed: EventFeed) {
    this.#projection = projection;
    this.#feed = feed;
  }

  /** Errors: those of the serializer that may pass; what fails for good is told with its event. */
  prepare(recorded: RecordedEvent): PreparedEvent<C> | Promise<PreparedEvent<C>> {
    try {
      const messages = messagesOf(this.#feed, recorded);
      if (!(messages instanceof Promise)) return this.#prepared(recorded, messages);
      return messages.then((made) => this.#prepared(recorded, made)).catch((error) => unreadable<C>(recorded, error));
    } catch (error) {
      return unreadable<C>(recorded, error);
    }
  }

  #prepared(recorded: RecordedEvent, messages: readonly EventBase[]): PreparedEvent<C> {
    const [only] = messages;
    // Nearly all stored events stand for one.
    const tasks = messages.length === 1 && only !== undefined ? this.#tasksOf(recorded, only) : this.#tasksOfAll(recorded, messages);
    return { recorded, position: recorded.position, tasks, unreadable: undefined };
  }

  #tasksOfAll(recorded: RecordedEvent, messages: readonly EventBase[]): readonly Task<C>[] {
    return messages.flatMap((event) => this.#tasksOf(recorded, event));
  }

  #tasksOf(recorded: RecordedEvent, event: EventBase): readonly Task<C>[] {
    return this.#projection.tasksOf(event, new RecordedContext(recorded, event, this.#feed));
  }
}

function unreadable<C>(recorded: RecordedEvent, error: unknown): PreparedEvent<C> {
  if (error instanceof ReactiveDomainError && error.retryable) throw error;
  return { recorded, position: recorded.position, tasks: [], unreadable: { error } };
}
