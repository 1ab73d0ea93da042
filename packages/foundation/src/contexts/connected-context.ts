import { InvalidArgument } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import {
  createJsonEventSerializer,
  createStreamNameBuilder,
  type CallOptions,
  type EventSerializer,
  type EventStore,
  type StreamNameBuilder,
} from "@reactive-domain/persistence";
import type { AggregateClass, AggregateRoot } from "../aggregates/aggregate-root.ts";
import type { Decider } from "../aggregates/decider.ts";
import { tokenOf, type Written } from "../consistency/token-of.ts";
import { createConsumerGroup, type ConsumerGroup } from "../groups/consumer-group.ts";
import { checkGroupOptions, groupDefinition, type GroupOptions } from "../groups/group-options.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { checkFeed } from "../listeners/start-options.ts";
import { AggregateCorrelatedRepository, type CorrelatedRepository } from "../repositories/correlated-repository.ts";
import { StoreDeciderRepository, type DeciderRepository } from "../repositories/decider-repository.ts";
import { AggregateRepository, type Repository } from "../repositories/repository.ts";
import { saveEvents, type SaveEntry, type SaveResult } from "../repositories/save-events.ts";
import { SnapshotWriter } from "../repositories/snapshot-writer.ts";
import { Turns } from "../repositories/turns.ts";
import { aggregateKind, checkSnapshots, deciderKind } from "../repositories/source-kind.ts";
import { SourceStore, type RepositoryAccess, type RepositoryOptions } from "../repositories/source-store.ts";
import type { BoundedContext } from "./bounded-context.ts";
import { checkChains } from "./check-chains.ts";
import { checkConnection } from "./check-connection.ts";
import { verifyContext, type VerifyOptions } from "./verify-context.ts";

export interface ConnectOptions {
  /** Default: JSON, for exactly the events that the context lists. */
  readonly serializer?: EventSerializer;
  /** Default: names with the context's prefix. */
  readonly streamNames?: StreamNameBuilder;
}

/** A bounded context on a store: stream names, serializer and store in one (the guide's configured connection). */
export interface ConnectedContext {
  readonly context: BoundedContext;
  readonly store: EventStore;
  readonly serializer: EventSerializer;
  readonly streamNames: StreamNameBuilder;
  /** Loads and saves aggregates of one class. Errors: `invalid-argument` when the context does not list it. */
  repository<T extends AggregateRoot>(aggregateClass: AggregateClass<T>, options?: RepositoryOptions): Repository<T>;
  /** The same, for aggregates whose events continue the chain of a message. */
  correlatedRepository<T extends AggregateRoot>(aggregateClass: AggregateClass<T>, options?: RepositoryOptions): CorrelatedRepository<T>;
  /** The same, for a functional decider. */
  deciderRepository<C, S, E extends EventBase>(decider: Decider<C, S, E>, options?: RepositoryOptions): DeciderRepository<C, S>;
  /** Saves several aggregates in one write: all of their events or none. Errors: those of a repository's `save`. */
  saveAll(aggregates: readonly AggregateRoot[], options?: CallOptions): Promise<SaveResult>;
  /**
   * Holds the context against its buses and its store, best when a program starts: every command and query that it lists has one handler, for its very class, and the oldest and the newest
   * stored event of each type can be read.
   *
   * Errors: `context-incomplete`, which tells all that was found; `invalid-argument`, those of the store.
   */
  verify(options?: VerifyOptions): Promise<void>;
  /** Resolves when nothing goes on that nobody waits for: when no snapshot is being written. */
  idle(): Promise<void>;
  /**
   * A token of what was written: a query that carries it ({@link readAfter}) is answered by read models that have handled it. It is a text of `A-Z a-z 0-9 . _ ~ -`, safe in
   * headers, cookies and URLs, and no secret: it tells how many events the log had. When nothing was written it covers nothing. The store is asked once for its log.
   *
   * Errors: `invalid-argument`; `not-supported` by a store without transfer; those of the store.
   *
   * @example
   * const token = await bank.tokenOf(await accounts.save(account));
   */
  tokenOf(result: Written, options?: CallOptions): Promise<string>;
  /** All events of the aggregates of one class, or of one decider. */
  category(aggregate: { readonly type: string }): EventFeed;
  /** All events of one aggregate. */
  aggregate(aggregate: { readonly type: string }, id: string): EventFeed;
  /** All events of one stream, by its whole name. Errors: `invalid-argument` for one that is not of this context. */
  stream(name: string): EventFeed;
  /** All events of one class in this context. */
  eventType(eventClass: MessageClass<EventBase>): EventFeed;
  /** All events of this context. */
  all(): EventFeed;
  /**
   * A consumer of the group of this name, which shares its events with all others, in this process and in others. Nothing is done before it is started.
   *
   * Errors: `invalid-argument`.
   *
   * @example
   * await using mailer = bank.group("mailer").on(AmountDeposited, (event) => mail(event.accountId));
   * await mailer.start();
   */
  group(name: string, options?: GroupOptions): ConsumerGroup;
}

/**
 * Connects a bounded context with a store. Nothing is read or written by it.
 *
 * Errors: `invalid-argument` for what is no context or no store, for an event whose upcasters do not begin at its first version, and for snapshots that are not declared as they should be.
 */
export function connect(context: BoundedContext, store: EventStore, options: ConnectOptions = {}): ConnectedContext {
  checkConnection(context, store, options);
  checkChains(context);
  for (const kind of context.aggregates) checkSnapshots(kind);
  return new StoreContext(context, store, options);
}

class StoreContext implements ConnectedContext {
  readonly context: BoundedContext;
  readonly store: EventStore;
  readonly serializer: EventSerializer;
  readonly streamNames: StreamNameBuilder;
  readonly #access: RepositoryAccess;
  /** Where the aggregates of each class lie that are saved with others. */
  readonly #sources = new Map<AggregateClass<AggregateRoot>, SourceStore<AggregateRoot>>();

  constructor(context: BoundedContext, store: EventStore, options: ConnectOptions) {
    this.context = context;
    this.store = store;
    this.serializer = options.serializer ?? createJsonEventSerializer(context.events);
    this.streamNames = options.streamNames ?? createStreamNameBuilder({ prefix: context.prefix });
    this.#access = {
      store,
      serializer: this.serializer,
      streamNames: this.streamNames,
      snapshots: new SnapshotWriter(store),
      turns: new Turns(),
    };
  }

  repository<T extends AggregateRoot>(aggregateClass: AggregateClass<T>, options?: RepositoryOptions): Repository<T> {
    return new AggregateRepository(aggregateClass, this.#aggregates(aggregateClass, options));
  }

  correlatedRepository<T extends AggregateRoot>(aggregateClass: AggregateClass<T>, options?: RepositoryOptions): CorrelatedRepository<T> {
    return new AggregateCorrelatedRepository(aggregateClass, this.#aggregates(aggregateClass, options));
  }

  deciderRepository<C, S, E extends EventBase>(decider: Decider<C, S, E>, options?: RepositoryOptions): DeciderRepository<C, S> {
    this.#refuseUnlisted(decider);
    return new StoreDeciderRepository(decider, new SourceStore(deciderKind(decider), this.#access, options));
  }

  async saveAll(aggregates: readonly AggregateRoot[], options?: CallOptions): Promise<SaveResult> {
    return saveEvents(
      this.#access,
      aggregates.map((source) => this.#entryOf(source)),
      options,
    );
  }

  verify(options: VerifyOptions = {}): Promise<void> {
    return verifyContext(this.context, this, options);
  }

  idle(): Promise<void> {
    return this.#access.snapshots.idle();
  }

  tokenOf(result: Written, options?: CallOptions): Promise<string> {
    return tokenOf(this.store, result, options);
  }

  category(aggregate: { readonly type: string }): EventFeed {
    this.#refuseUnlisted(aggregate);
    return this.#feed(`category ${aggregate.type}`, { category: this.streamNames.forCategory(aggregate.type) });
  }

  aggregate(aggregate: { readonly type: string }, id: string): EventFeed {
    this.#refuseUnlisted(aggregate);
    return this.#feed(`${aggregate.type} ${id}`, { stream: this.streamNames.forAggregate(aggregate.type, id) });
  }

  stream(name: string): EventFeed {
    const { prefix } = this.streamNames;
    if (typeof name !== "string" || name.length <= prefix.length || !name.startsWith(prefix))
      throw new InvalidArgument("name", `that of a stream of ${this.context.name}, which begin with ${prefix}`, name);
    return this.#feed(`stream ${name}`, { stream: name });
  }

  eventType(eventClass: MessageClass<EventBase>): EventFeed {
    if (!this.context.events.includes(eventClass))
      throw new InvalidArgument("eventClass", `one of the events of ${this.context.name}`, eventClass.type);
    return this.#feed(`events of type ${eventClass.type}`, { eventType: eventClass.type });
  }

  all(): EventFeed {
    return this.#feed("all events", { all: true });
  }

  group(name: string, options: GroupOptions = {}): ConsumerGroup {
    checkGroupOptions(options);
    const { of: feed = this.all() } = options;
    checkFeed(feed);
    if (feed.store !== this.store || feed.serializer !== this.serializer)
      throw new InvalidArgument("of", `a feed of ${this.context.name}, from the same connection`, feed.name);
    return createConsumerGroup(name, feed, groupDefinition(feed, this.context.events, options));
  }

  #feed(name: string, source: EventFeed["source"]): EventFeed {
    const { store, serializer, context } = this;
    const { prefix } = this.streamNames;
    // Every name begins with an empty prefix: a filter would have a store look at each.
    const filter = prefix !== "" && ("all" in source || "eventType" in source) ? { streamPrefix: prefix } : undefined;
    return { name: `${name} of ${context.name}`, source, filter, store, serializer };
  }

  #aggregates<T extends AggregateRoot>(aggregateClass: AggregateClass<T>, options?: RepositoryOptions): SourceStore<T> {
    this.#refuseUnlisted(aggregateClass);
    return new SourceStore(aggregateKind(aggregateClass), this.#access, options);
  }

  #entryOf(source: AggregateRoot): SaveEntry {
    const aggregateClass = source.constructor as AggregateClass<AggregateRoot>;
    let sources = this.#sources.get(aggregateClass);
    if (sources === undefined) {
      sources = this.#aggregates(aggregateClass);
      this.#sources.set(aggregateClass, sources);
    }
    return { source, target: sources.targetOf(source.id) };
  }

  #refuseUnlisted(aggregate: { readonly type: string }): void {
    const kinds: readonly { readonly type: string }[] = this.context.aggregates;
    if (!kinds.includes(aggregate))
      throw new InvalidArgument("aggregate", `one of the aggregates of ${this.context.name}`, aggregate.type, "List it there.");
  }
}
