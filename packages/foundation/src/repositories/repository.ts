import { InvalidArgument } from "@reactive-domain/core";
import type { CallOptions, StreamNameBuilder } from "@reactive-domain/persistence";
import type { AggregateClass, AggregateRoot } from "../aggregates/aggregate-root.ts";
import { endStream, type Ending } from "./end-stream.ts";
import { AggregateNotFound } from "./errors.ts";
import { loadEvents, type GetOptions, type StoreAccess } from "./load-events.ts";
import { saveEvents, type SaveResult } from "./save-events.ts";

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
   * Deletes an aggregate: it is not found any more. One of the same id may be made again, and its versions go on.
   *
   * Errors: `wrong-expected-version` when another writer was there first, `aggregate-not-found` for one that was never saved, `invalid-argument` with events pending,
   * those of the store.
   */
  delete(aggregate: T, options?: CallOptions): Promise<void>;
  /** The same, for ever: saving one of the same id is refused with `stream-tombstoned`. */
  tombstone(aggregate: T, options?: CallOptions): Promise<void>;
}

/** What repositories need of a connected context. */
export interface RepositoryAccess extends StoreAccess {
  readonly streamNames: StreamNameBuilder;
}

export class AggregateRepository<T extends AggregateRoot> implements Repository<T> {
  readonly #class: AggregateClass<T>;
  readonly #access: RepositoryAccess;

  constructor(aggregateClass: AggregateClass<T>, access: RepositoryAccess) {
    this.#class = aggregateClass;
    this.#access = access;
  }

  async getById(id: string, options?: GetOptions): Promise<T> {
    const aggregate = await this.tryGetById(id, options);
    if (aggregate === undefined) throw new AggregateNotFound(this.#class.type, id);
    return aggregate;
  }

  async tryGetById(id: string, options?: GetOptions): Promise<T | undefined> {
    const aggregate = new this.#class(id);
    return (await loadEvents(this.#access, aggregate, this.#streamOf(id), options)) ? aggregate : undefined;
  }

  async save(aggregate: T, options?: CallOptions): Promise<SaveResult> {
    refuseOtherClass(this.#class, aggregate);
    return saveEvents(this.#access, [{ source: aggregate, stream: this.#streamOf(aggregate.id) }], options);
  }

  async delete(aggregate: T, options?: CallOptions): Promise<void> {
    return this.#end("delete", aggregate, options);
  }

  async tombstone(aggregate: T, options?: CallOptions): Promise<void> {
    return this.#end("tombstone", aggregate, options);
  }

  async #end(kind: Ending["kind"], aggregate: T, options?: CallOptions): Promise<void> {
    refuseOtherClass(this.#class, aggregate);
    await endStream(this.#access, { kind, type: this.#class.type, aggregate, stream: this.#streamOf(aggregate.id) }, options);
  }

  #streamOf(id: string): string {
    return this.#access.streamNames.forAggregate(this.#class.type, id);
  }
}

/** Aggregates of one shape pass the compiler for each other, and would be written into each other's streams. Errors: `invalid-argument`. */
export function refuseOtherClass(aggregateClass: AggregateClass<AggregateRoot>, aggregate: AggregateRoot): void {
  if (aggregate.constructor !== aggregateClass) {
    throw new InvalidArgument("aggregate", `of the class ${aggregateClass.type}`, aggregate, "Save it by the repository of its own class.");
  }
}
