import { InvalidArgument } from "@reactive-domain/core";
import { checkMessage, classOf, metadataOf, type MessageBase } from "@reactive-domain/messaging";
import type { CallOptions } from "@reactive-domain/persistence";
import type { AggregateClass, AggregateRoot } from "../aggregates/aggregate-root.ts";
import { AggregateNotFound } from "./errors.ts";
import type { GetOptions } from "./load-source.ts";
import { refuseOtherClass } from "./repository.ts";
import type { SaveResult } from "./save-events.ts";
import type { SourceStore } from "./source-store.ts";
import { updateSource, type UpdateOptions, type UpdateResult } from "./update-source.ts";

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
  /**
   * {@link getById}, `change` and {@link save}, again when another writer was first, after a wait that grows and is drawn by lot: `change` does nothing but ask and
   * change the aggregate. It may wait.
   *
   * Errors: `aggregate-not-found`; `command-already-applied`; what `change` throws; `wrong-expected-version` when the attempts are used up; `invalid-argument`, those of
   * {@link getById} and {@link save}.
   *
   * @example
   * commands.handle(Deposit, (command) => accounts.update(command.accountId, command, (account) => account.deposit(command.amount)));
   */
  update<R>(id: string, source: MessageBase, change: (aggregate: T) => R | Promise<R>, options?: UpdateOptions): Promise<UpdateResult<R>>;
}

export class AggregateCorrelatedRepository<T extends AggregateRoot> implements CorrelatedRepository<T> {
  readonly #class: AggregateClass<T>;
  readonly #store: SourceStore<T>;

  constructor(aggregateClass: AggregateClass<T>, store: SourceStore<T>) {
    this.#class = aggregateClass;
    this.#store = store;
  }

  create(id: string, source: MessageBase): T {
    checkMessage(source);
    return this.#store.create(id, source).source;
  }

  async getById(id: string, source: MessageBase, options?: GetOptions): Promise<T> {
    const aggregate = await this.tryGetById(id, source, options);
    if (aggregate === undefined) throw new AggregateNotFound(this.#class.type, id);
    return aggregate;
  }

  async tryGetById(id: string, source: MessageBase, options?: GetOptions): Promise<T | undefined> {
    checkMessage(source);
    return this.#store.find(id, { ...options, message: source });
  }

  async save(aggregate: T, options?: CallOptions): Promise<SaveResult> {
    this.#refuseForeign(aggregate);
    return this.#store.save(aggregate, options);
  }

  async saveAndContinue(aggregate: T, options?: CallOptions): Promise<SaveResult> {
    this.#refuseForeign(aggregate);
    return this.#store.save(aggregate, options, { goesOn: true });
  }

  async update<R>(
    id: string,
    source: MessageBase,
    change: (aggregate: T) => R | Promise<R>,
    options?: UpdateOptions,
  ): Promise<UpdateResult<R>> {
    checkMessage(source);
    const missing = (): Error => new AggregateNotFound(this.#class.type, id);
    return updateSource(this.#store, { id, message: source, change, missing }, options);
  }

  #refuseForeign(aggregate: T): void {
    refuseOtherClass(this.#class, aggregate);
    refuseUncaused(aggregate);
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
