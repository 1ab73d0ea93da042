import { derivedId, InvalidArgument } from "@reactive-domain/core";
import { classOf, metadataOf, type MessageBase } from "@reactive-domain/messaging";
import type { CallOptions } from "@reactive-domain/persistence";
import type { AggregateClass, AggregateRoot } from "../aggregates/aggregate-root.ts";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { AggregateNotFound } from "./errors.ts";
import { loadEvents, type GetOptions } from "./load-events.ts";
import { refuseOtherClass, type RepositoryAccess } from "./repository.ts";
import { saveEvents, type SaveEntry, type SaveResult } from "./save-events.ts";

/**
 * Loads and saves aggregates for the message that they work for (the guide's `ICorrelatedRepository`): the events that they raise continue its chain, and
 * have ids that follow from its id, so that work which is done again is written once.
 */
export interface CorrelatedRepository<T extends AggregateRoot> {
  /** A new aggregate that works for `source`. Nothing is read. */
  create(id: string, source: MessageBase): T;
  /**
   * Loads an aggregate that works for `source`.
   *
   * Errors: `aggregate-not-found`, `version-not-reached`; `command-already-applied` when what `source` led to is in the stream; `corrupt-event`, `unknown-event-type`, those of the store.
   */
  getById(id: string, source: MessageBase, options?: GetOptions): Promise<T>;
  /** {@link getById}, answering `undefined` where there is no aggregate. */
  tryGetById(id: string, source: MessageBase, options?: GetOptions): Promise<T | undefined>;
  /**
   * Writes the pending events and ends the unit of work: the aggregate may raise no more.
   *
   * Errors as of {@link Repository.save}; `invalid-argument` also for events that no message led to, as of an aggregate that this repository did not give out.
   */
  save(aggregate: T, options?: CallOptions): Promise<SaveResult>;
  /**
   * Writes the pending events and goes on with the unit of work: what the aggregate raises next belongs to the same message, until {@link save} ends it. Each part is a
   * write of its own: where the second fails, the first stands, and the message, carried out again, is told `command-already-applied`.
   *
   * Errors as of {@link save}.
   */
  saveAndContinue(aggregate: T, options?: CallOptions): Promise<SaveResult>;
}

export class AggregateCorrelatedRepository<T extends AggregateRoot> implements CorrelatedRepository<T> {
  readonly #class: AggregateClass<T>;
  readonly #access: RepositoryAccess;

  constructor(aggregateClass: AggregateClass<T>, access: RepositoryAccess) {
    this.#class = aggregateClass;
    this.#access = access;
  }

  create(id: string, source: MessageBase): T {
    const aggregate = new this.#class(id);
    arm(aggregate, source, this.#streamOf(id));
    return aggregate;
  }

  async getById(id: string, source: MessageBase, options?: GetOptions): Promise<T> {
    const aggregate = await this.tryGetById(id, source, options);
    if (aggregate === undefined) throw new AggregateNotFound(this.#class.type, id);
    return aggregate;
  }

  async tryGetById(id: string, source: MessageBase, options?: GetOptions): Promise<T | undefined> {
    const aggregate = new this.#class(id);
    const stream = this.#streamOf(id);
    const found = await loadEvents(this.#access, aggregate, stream, { ...options, sourceId: metadataOf(source).id });
    if (!found) return undefined;
    arm(aggregate, source, stream);
    return aggregate;
  }

  async save(aggregate: T, options?: CallOptions): Promise<SaveResult> {
    return saveEvents(this.#access, [this.#entryOf(aggregate)], options);
  }

  async saveAndContinue(aggregate: T, options?: CallOptions): Promise<SaveResult> {
    const take = (count: number): unknown => aggregate.takeEventsAndContinue(count);
    return saveEvents(this.#access, [{ ...this.#entryOf(aggregate), take }], options);
  }

  #entryOf(aggregate: T): SaveEntry {
    refuseOtherClass(this.#class, aggregate);
    refuseUncaused(aggregate);
    return { source: aggregate, stream: this.#streamOf(aggregate.id) };
  }

  #streamOf(id: string): string {
    return this.#access.streamNames.forAggregate(this.#class.type, id);
  }
}

/** An aggregate that was never armed would leave the chain of whatever it was changed for. Errors: `invalid-argument`. */
function refuseUncaused(aggregate: AggregateRoot): void {
  const uncaused = aggregate.pendingEvents.find((event) => metadataOf(event).causationId === undefined);
  if (uncaused === undefined) return;
  throw new InvalidArgument(
    `The causation id of each pending ${classOf(uncaused).type}`,
    "that of the message it was raised for",
    undefined,
    "Get the aggregate by getById, tryGetById or create of this repository before it raises.",
  );
}

/** Makes an event source work for a message: its events continue the message's chain, under ids derived from it and the stream. */
export function arm(source: CorrelatedEventSource, message: MessageBase, stream: string): void {
  const metadata = metadataOf(message);
  source.correlateWith(metadata, (ordinal) => derivedId(metadata.id, stream, ordinal));
}
