import { InvalidArgument, type ExpectedVersion, type MessageMetadata, type Version } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { CorrelatedEventSource } from "./correlated-event-source.ts";
import { EventRecorder, type EventIdOf } from "./event-recorder.ts";
import { EventRouter } from "./event-router.ts";

/** A class of aggregates: made from its id alone, with the name that its streams are called by. */
export interface AggregateClass<T extends AggregateRoot> {
  readonly type: string;
  new (id: string): T;
}

/**
 * The base of aggregates: methods check the rules and raise events, routes fold events into state. A subclass says `static readonly type`, the stored name
 * of its kind, registers its routes in the constructor, and changes its state nowhere else.
 */
export abstract class AggregateRoot implements CorrelatedEventSource {
  readonly id: string;
  readonly #router = new EventRouter();
  readonly #recorder: EventRecorder;
  #isFolding = false;

  /** Errors: `invalid-argument` for a blank id. */
  constructor(id: string) {
    if (typeof id !== "string" || id.trim() === "") throw new InvalidArgument(`The id of ${new.target.name}`, "text that is not blank", id);
    this.id = id;
    this.#recorder = new EventRecorder(`${new.target.name} ${id}`);
  }

  get expectedVersion(): ExpectedVersion {
    return this.#recorder.expectedVersion;
  }

  get pendingEvents(): readonly EventBase[] {
    return this.#recorder.pending;
  }

  restoreFromEvents(events: Iterable<EventBase>, version: Version): void {
    this.#recorder.restored(version);
    this.#fold(events);
  }

  updateWithEvents(events: Iterable<EventBase>, version: Version): void {
    this.#recorder.updated(version);
    this.#fold(events);
  }

  takeEvents(count?: number): readonly EventBase[] {
    return this.#recorder.take(count);
  }

  correlateWith(source: MessageMetadata, eventIdOf: EventIdOf): void {
    this.#recorder.begin(source, eventIdOf);
  }

  /**
   * Registers how an event, raised or read, changes the state. Events of derived classes without a route of their own take it too.
   *
   * Errors: `invalid-argument` for a second route of one class.
   */
  protected register<E extends EventBase>(eventClass: MessageClass<E>, route: (event: E) => void): void {
    this.#router.register(eventClass, route);
  }

  /**
   * Records that something has happened: folds the event into the state and keeps it for the next save. An event without a route is kept all the same.
   *
   * Errors: `unit-of-work-ended`, `already-correlated`, `invalid-argument`; nothing is recorded then.
   */
  protected raise(event: EventBase): void {
    if (this.#isFolding)
      throw new InvalidArgument("What raises an event", "a method", "a route", "A route runs again with every load: decide before it.");
    this.#recorder.stamp(event);
    this.#fold([event]);
    this.#recorder.record(event);
  }

  #fold(events: Iterable<EventBase>): void {
    this.#isFolding = true;
    try {
      for (const event of events) this.#router.route(event);
    } finally {
      this.#isFolding = false;
    }
  }
}
