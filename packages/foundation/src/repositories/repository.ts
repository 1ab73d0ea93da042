import { InvalidArgument } from "@reactive-domain/core";
import type { CallOptions } from "@reactive-domain/persistence";
import type { AggregateClass, AggregateRoot } from "../aggregates/aggregate-root.ts";
import { endStream, type Ending } from "./end-stream.ts";
import { AggregateNotFound } from "./errors.ts";
import type { GetOptions } from "./load-source.ts";
import type { SaveResult } from "./save-events.ts";
import type { SourceStore } from "./source-store.ts";
import { updateSource, type UpdateOptions, type UpdateResult } from "./update-source.ts";

/** Loads and saves aggregates of one class (the guide's `IRepository`). */
export interface Repository<T extends AggregateRoot> {
  /** Loads an aggregate. Errors: `aggregate-not-found`, also where there was none then; `version-not-reached`, `corrupt-event`, `unknown-event-type`, those of the store. */
  getById(id: string, options?: GetOptions): Promise<T>;
  /** Loads an aggregate, or answers `undefined` where there is none. Other errors as {@link getById}. */
  tryGetById(id: string, options?: GetOptions): Promise<T | undefined>;
  /**
   * Writes the pending events at the version that the aggregate expects; without pending events nothing is written. After an error the aggregate is as it was.
   *
   * Errors: `wrong-expected-version` when another writer was there first, `save-in-progress`, `invalid-argument` for an aggregate of another class, those of
   * the serializer and of the store.
   */
  save(aggregate: T, options?: CallOptions): Promise<SaveResult>;
  /**
   * Loads an aggregate, changes it and saves it. When another writer was first, it loads and changes it again, after a wait that grows and is drawn by lot: `change` does
   * nothing but ask and change the aggregate. It may wait.
   *
   * Errors: `aggregate-not-found`; what `change` throws; `wrong-expected-version` when the attempts are used up; `invalid-argument`, those of {@link getById} and {@link save}.
   *
   * @example
   * await accounts.update(accountId, (account) => account.deposit(100));
   */
  update<R>(id: string, change: (aggregate: T) => R | Promise<R>, options?: UpdateOptions): Promise<UpdateResult<R>>;
  /**
   * Deletes an aggregate: it is not found any more. One of the same id may be made again, and its versions go on.
   *
   * Errors: `wrong-expected-version` when another writer was there first, `aggregate-not-found` for one that was never saved, `invalid-argument` with events pending,
   * those of the store.
   */
  delete(aggregate: T, options?: CallOptions): Promise<void>;
  /** The same, for ever: saving one of the same id is refused with `stream-tombstoned`. */
  tombstone(aggregate: T, options?: CallOptions): Promise<void>;
}

export class AggregateRepository<T extends AggregateRoot> implements Repository<T> {
  readonly #class: AggregateClass<T>;
  readonly #store: SourceStore<T>;

  constructor(aggregateClass: AggregateClass<T>, store: SourceStore<T>) {
    this.#class = aggregateClass;
    this.#store = store;
  }

  async getById(id: string, options?: GetOptions): Promise<T> {
    const aggregate = await this.#store.find(id, options);
    if (aggregate === undefined) throw new AggregateNotFound(this.#class.type, id);
    return aggregate;
  }

  async tryGetById(id: string, options?: GetOptions): Promise<T | undefined> {
    return this.#store.find(id, options);
  }

  async save(aggregate: T, options?: CallOptions): Promise<SaveResult> {
    refuseOtherClass(this.#class, aggregate);
    return this.#store.save(aggregate, options, { isShared: true });
  }

  async update<R>(id: string, change: (aggregate: T) => R | Promise<R>, options?: UpdateOptions): Promise<UpdateResult<R>> {
    const missing = (): Error => new AggregateNotFound(this.#class.type, id);
    return updateSource(this.#store, { id, message: undefined, change, missing }, options);
  }

  async delete(aggregate: T, options?: CallOptions): Promise<void> {
    return this.#end("delete", aggregate, options);
  }

  async tombstone(aggregate: T, options?: CallOptions): Promise<void> {
    return this.#end("tombstone", aggregate, options);
  }

  async #end(kind: Ending["kind"], aggregate: T, options?: CallOptions): Promise<void> {
    refuseOtherClass(this.#class, aggregate);
    const { stream } = this.#store.targetOf(aggregate.id);
    await endStream(this.#store.access, { kind, type: this.#class.type, aggregate, stream }, options);
    this.#store.forget(aggregate.id);
  }
}

/** Aggregates of one shape pass the compiler for each other, and would be written into each other's streams. Errors: `invalid-argument`. */
export function refuseOtherClass(aggregateClass: AggregateClass<AggregateRoot>, aggregate: AggregateRoot): void {
  if (aggregate.constructor !== aggregateClass) {
    throw new InvalidArgument("aggregate", `of the class ${aggregateClass.type}`, aggregate, "Save it by the repository of its own class.");
  }
}
