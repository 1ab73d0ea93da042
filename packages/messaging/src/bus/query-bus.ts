import { checkObject, currentRuntime, type Runtime } from "@reactive-domain/core";
import { MessageCanceled } from "../errors.ts";
import type { Answer, MessageClass, ResultOf } from "../message-types.ts";
import { classOf, type QueryBase } from "../message.ts";
import type { HandlerFacts, Middleware } from "../middleware/middleware.ts";
import { checkSteps, nameOf, type MiddlewareOptions } from "../middleware/steps.ts";
import { validate } from "../validation.ts";
import { keepCorrelation, placeInChain, runFor } from "./ambient.ts";
import { BUS, type BusKind } from "./bus-kind.ts";
import type { BusDescription } from "./description.ts";
import type { AnyHandler, Unsubscribe } from "./handler.ts";
import { HandlerRegistry } from "./handler-registry.ts";
import { DirectContext, signalOf, type MessageContext, type SendOptions } from "./message-context.ts";
import { notHandled } from "./not-handled.ts";
import { QueryStream } from "./query-stream.ts";

/** Answers one type of query. */
export type QueryHandler<Q extends QueryBase> = (query: Q, context: MessageContext) => Answer<ResultOf<Q>>;

export interface QueryBusOptions extends MiddlewareOptions<QueryBase> {
  /** As for a command bus. */
  readonly ambientCorrelation?: boolean;
}

/** Brings each query to its one handler. */
export interface QueryBus {
  /** Registers the handler of exactly this class; classes that derive from it need their own. Errors: `already-handled`. */
  handle<Q extends QueryBase>(queryClass: MessageClass<Q>, handler: QueryHandler<Q>): Unsubscribe;
  /**
   * Holds the query against its schema, runs its handler, and resolves to its answer.
   *
   * Errors: `not-handled`, `invalid-message`, `message-canceled`, and what the handler throws.
   */
  ask<R>(query: QueryBase<R>, options?: SendOptions): Promise<R>;
  /**
   * What the handler of a query answers bit by bit: it begins at the first `next`, and goes on only as far as it is asked to. The steps run once, around its call. Whoever
   * leaves the loop ends the handler, whose `finally` runs; an abort does so at any time. Iterating again asks again.
   *
   * Errors, all from `next`: `not-handled`, `invalid-message`, `message-canceled`, `invalid-argument` for an answer that is no async iterable, and what the handler throws.
   *
   * @example
   * class Statement extends Query("Statement")<{ accountId: string }, AsyncIterable<Line>> {}
   * queries.handle(Statement, async function* ({ accountId }) {
   *   for await (const event of eventsOf(accountId)) yield lineOf(event);
   * });
   * for await (const line of queries.stream(new Statement({ accountId }))) console.log(line);
   */
  stream<T>(query: QueryBase<AsyncIterable<T>>, options?: SendOptions): AsyncIterable<T>;
  /** Whether a message of exactly this class finds its handler from here. */
  handles(messageClass: MessageClass): boolean;
  /** The handler that there is for messages of exactly this class, or none. */
  handlersFor(messageClass: MessageClass): readonly HandlerFacts[];
  /** The types that have a handler, in alphabetical order. */
  handledTypes(): readonly string[];
  /** What it handles, by whom, and the steps around them. */
  describe(): BusDescription;
}

/** A query bus within this process that runs handlers directly, as many at a time as there are askers. Errors: `invalid-argument`. */
export function createQueryBus(options: QueryBusOptions = {}): QueryBus {
  checkObject("options of createQueryBus", options);
  return new DirectQueryBus(options);
}

class DirectQueryBus implements QueryBus {
  readonly [BUS] = "query" satisfies BusKind;
  readonly #runtime: Runtime = currentRuntime();
  readonly #steps: readonly Middleware<never>[];
  readonly #registry: HandlerRegistry;

  constructor({ middleware = [], ambientCorrelation = true }: QueryBusOptions) {
    this.#steps = checkSteps(middleware);
    this.#registry = new HandlerRegistry("query", this.#steps);
    if (ambientCorrelation) keepCorrelation();
  }

  handle<Q extends QueryBase>(queryClass: MessageClass<Q>, handler: QueryHandler<Q>): Unsubscribe {
    return this.#registry.add(queryClass, handler);
  }

  async ask<R>(query: QueryBase<R>, options?: SendOptions): Promise<R> {
    const { type } = classOf(query);
    const signal = signalOf(options);
    placeInChain(query);
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    if (signal?.aborted === true) throw new MessageCanceled(type, signal.reason);
    return (await runFor(query, this.#handlerFor(query), new DirectContext(query, signal))) as R;
  }

  stream<T>(query: QueryBase<AsyncIterable<T>>, options?: SendOptions): AsyncIterable<T> {
    classOf(query);
    const signal = signalOf(options);
    placeInChain(query);
    const { scheduler } = this.#runtime;
    const handler = (): AnyHandler => this.#handlerFor(query);
    return { [Symbol.asyncIterator]: () => new QueryStream<T>({ query, signal, scheduler, handler }) };
  }

  handles(messageClass: MessageClass): boolean {
    return this.#registry.find(messageClass) !== undefined;
  }

  handlersFor(messageClass: MessageClass): readonly HandlerFacts[] {
    const found = this.#registry.find(messageClass);
    return found === undefined ? [] : [found.facts];
  }

  handledTypes(): readonly string[] {
    return this.#registry.types();
  }

  describe(): BusDescription {
    return { handlers: this.#registry.handlers(), middleware: this.#steps.map(nameOf) };
  }

  #handlerFor(query: QueryBase): AnyHandler {
    const queryClass = classOf(query);
    const found = this.#registry.find(queryClass);
    if (found === undefined) throw notHandled(queryClass.type, this.#registry.types());
    if (found.validates) validate(query);
    return found.run;
  }
}
