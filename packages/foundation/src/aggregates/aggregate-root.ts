import { InvalidArgument, type ExpectedVersion, type MessageMetadata, type Version } from "@reactive-domain/core";
import { classOf, EventBase, isThenable, type MessageClass } from "@reactive-domain/messaging";
import { markBroken, refuseBroken } from "./broken.ts";
import type { Entity } from "./child-entity.ts";
import type { CorrelatedEventSource } from "./correlated-event-source.ts";
import { EntityMap, type Entities, type EntityClass } from "./entities.ts";
import { EventNotRouted } from "./errors.ts";
import { EventRecorder, type EventIdOf } from "./event-recorder.ts";
import { EventRouter } from "./event-router.ts";
import type { SnapshotPolicy, SnapshotSource } from "./snapshot-source.ts";
import type { SourceHome } from "./source-home.ts";

/** A class of aggregates: made from its id alone, with the name that its streams are called by. */
export interface AggregateClass<T extends AggregateRoot> {
  readonly type: string;
  /** When snapshots are written; its instances are a `SnapshotSource` then. Default: never. */
  readonly snapshots?: SnapshotPolicy;
  new (id: string): T;
}

export interface AggregateRootOptions {
  /** Whether only events with a route may be raised, or with `passThrough` for those that change nothing. Default `false`. */
  readonly strictRoutes?: boolean;
}

let hasRoute: (aggregate: AggregateRoot, eventClass: unknown) => boolean;
let runFolding: (aggregate: AggregateRoot, run: () => void) => void;

/**
 * The base of aggregates: methods check the rules and raise events, routes fold events into state. A subclass says `static readonly type`, the stored name
 * of its kind, registers its routes in the constructor, and changes its state nowhere else.
 */
export abstract class AggregateRoot implements CorrelatedEventSource {
  static {
    hasRoute = (aggregate, eventClass) => aggregate.#hasRoute(eventClass);
    runFolding = (aggregate, run) => aggregate.#folding(run);
  }

  readonly id: string;
  readonly #router = new EventRouter();
  readonly #recorder: EventRecorder;
  readonly #isStrict: boolean;
  #entities: Pick<EntityMap<Entity>, "route" | "routes">[] | undefined;
  #isFolding = false;

  /** Errors: `invalid-argument` for a blank id. */
  constructor(id: string, options: AggregateRootOptions = {}) {
    if (typeof id !== "string" || id.trim() === "") throw new InvalidArgument(`The id of ${new.target.name}`, "text that is not blank", id);
    this.id = id;
    this.#recorder = new EventRecorder(`${new.target.name} ${id}`);
    this.#isStrict = options.strictRoutes ?? false;
  }

  get expectedVersion(): ExpectedVersion {
    return this.#recorder.expectedVersion;
  }

  get pendingEvents(): readonly EventBase[] {
    return this.#recorder.pending;
  }

  get home(): SourceHome | undefined {
    return this.#recorder.home;
  }

  set home(home: SourceHome | undefined) {
    this.#recorder.home = home;
  }

  restoreFromEvents(events: Iterable<EventBase>, version: Version): void {
    this.#recorder.restored(version);
    this.#fold(events);
  }

  updateWithEvents(events: Iterable<EventBase>, version: Version): void {
    this.#recorder.updated(version);
    this.#fold(events);
  }

  takeEvents(count?: number, lastVersion?: Version): readonly EventBase[] {
    return this.#recorder.take(count, lastVersion);
  }

  takeEventsAndContinue(count?: number, lastVersion?: Version): readonly EventBase[] {
    return this.#recorder.takeAndContinue(count, lastVersion);
  }

  correlateWith(source: MessageMetadata, eventIdOf: EventIdOf): void {
    this.#recorder.begin(source, eventIdOf);
  }

  uncorrelate(): void {
    this.#recorder.beginAlone();
  }

  /**
   * Registers how an event, raised or read, changes the state. Events of derived classes without a route of their own take it too.
   *
   * Errors: `invalid-argument` for a second route of one class.
   */
  protected register<E extends EventBase>(eventClass: MessageClass<E>, route: (event: E) => void): void {
    this.#router.register(eventClass, route);
  }

  /** Declares that events of a class change no state. Errors: `invalid-argument` where the class has a route. */
  protected passThrough(eventClass: MessageClass<EventBase>): void {
    this.#router.passThrough(eventClass);
  }

  /**
   * The child entities of one kind. An event runs the root's route first, which may add the entity, then that of the entity whose id it carries.
   *
   * @example
   * readonly #seats = this.entities(Seat);
   */
  protected entities<T extends Entity>(entityClass: EntityClass<T>): Entities<T> {
    const entities = new EntityMap(entityClass, { raise: (event) => this.raise(event), isFolding: () => this.#isFolding });
    (this.#entities ??= []).push(entities);
    return entities;
  }

  /**
   * Records that something has happened: folds the event into the state and keeps it for the next save. An event without a route is kept all the same, unless routes
   * are strict.
   *
   * Errors: `event-not-routed`, `unit-of-work-ended`, `already-correlated`, `invalid-argument`, `aggregate-broken`; nothing is recorded then.
   */
  protected raise(event: EventBase): void {
    if (this.#isFolding)
      throw new InvalidArgument("What raises an event", "a method", "a route", "A route runs again with every load: decide before it.");
    refuseBroken(this, `${this.constructor.name} ${this.id}`);
    if (this.#isStrict && event instanceof EventBase && !this.#hasRoute(classOf(event)))
      throw new EventNotRouted(`${this.constructor.name} ${this.id}`, classOf(event).type);
    this.#recorder.stamp(event);
    this.#fold([event]);
    this.#recorder.record(event);
  }

  #fold(events: Iterable<EventBase>): void {
    this.#folding(() => {
      try {
        for (const event of events) {
          this.#router.route(event);
          if (this.#entities !== undefined) for (const entities of this.#entities) entities.route(event);
        }
      } catch (error) {
        markBroken(this);
        throw error;
      }
    });
  }

  /** Runs what changes the state. */
  #folding(run: () => void): void {
    this.#isFolding = true;
    try {
      run();
    } finally {
      this.#isFolding = false;
    }
  }

  #hasRoute(eventClass: unknown): boolean {
    return this.#router.has(eventClass) || (this.#entities?.some((entities) => entities.routes(eventClass)) ?? false);
  }
}

/** Runs what only looks at the state of an aggregate: nothing may be raised in it. */
export function fold(aggregate: AggregateRoot, run: () => void): void {
  runFolding(aggregate, run);
}

/**
 * Takes the state of a snapshot over, as a load does: nothing may be raised in it, and child entities come and go.
 *
 * Errors: `invalid-argument` where `restoreFromSnapshot` waits; what it throws.
 */
export function restoreSnapshotOf<S>(aggregate: AggregateRoot & SnapshotSource<S>, state: S): void {
  runFolding(aggregate, () => refusePromise(aggregate.restoreFromSnapshot(state)));
}

/** The compiler takes an asynchronous method for one without a result. */
function refusePromise(returned: unknown): void {
  if (!isThenable(returned)) return;
  returned.then(undefined, () => undefined);
  throw new InvalidArgument("restoreFromSnapshot", "a method that takes the state over at once", "one that answers with a promise");
}

/** The events that instances of an aggregate class would fold nowhere: what a test holds to be none. Events with `passThrough` count as folded. */
export function unroutedEvents(
  aggregateClass: AggregateClass<AggregateRoot>,
  events: readonly MessageClass<EventBase>[],
): readonly string[] {
  const aggregate = new aggregateClass("sample");
  return events.filter((eventClass) => !hasRoute(aggregate, eventClass)).map(({ type }) => type);
}
