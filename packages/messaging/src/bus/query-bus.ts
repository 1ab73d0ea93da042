import { currentRuntime, type Runtime } from "@reactive-domain/core";
import { MessageCanceled } from "../errors.ts";
import type { Answer, MessageClass, ResultOf } from "../message-types.ts";
import { classOf, type QueryBase } from "../message.ts";
import type { Middleware } from "../middleware/middleware.ts";
import { checkSteps, nameOf, type MiddlewareOptions } from "../middleware/steps.ts";
import { isValidation } from "../middleware/validation.ts";
import { validate } from "../validation.ts";
import { keepCorrelation, placeInChain, runFor } from "./ambient.ts";
import { BUS, type BusKind } from "./bus-kind.ts";
import type { BusDescription } from "./description.ts";
import { HandlerRegistry, type Unsubscribe } from "./handler-registry.ts";
import { DirectContext, type MessageContext, type SendOptions } from "./message-context.ts";

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
  /** The types that have a handler, in alphabetical order. */
  handledTypes(): readonly string[];
  /** What it handles, by whom, and the steps around them. */
  describe(): BusDescription;
}

/** A query bus within this process that runs handlers directly, as many at a time as there are askers. */
export function createQueryBus(options: QueryBusOptions = {}): QueryBus {
  return new DirectQueryBus(options);
}

class DirectQueryBus implements QueryBus {
  readonly [BUS] = "query" satisfies BusKind;
  readonly #runtime: Runtime = currentRuntime();
  readonly #steps: readonly Middleware<never>[];
  readonly #registry: HandlerRegistry;
  readonly #validates: boolean;

  constructor({ middleware = [], ambientCorrelation = true }: QueryBusOptions) {
    this.#steps = checkSteps(middleware);
    this.#registry = new HandlerRegistry(this.#steps);
    this.#validates = !this.#steps.some(isValidation);
    if (ambientCorrelation) keepCorrelation();
  }

  handle<Q extends QueryBase>(queryClass: MessageClass<Q>, handler: QueryHandler<Q>): Unsubscribe {
    return this.#registry.add(queryClass, handler);
  }

  async ask<R>(query: QueryBase<R>, { signal }: SendOptions = {}): Promise<R> {
    const queryClass = classOf(query);
    placeInChain(query);
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    if (signal?.aborted === true) throw new MessageCanceled(queryClass.type, signal.reason);
    const found = this.#registry.find(queryClass);
    if (found === undefined) throw this.#registry.notHandled(queryClass.type);
    if (this.#validates) validate(query);
    return (await runFor(query, found.run, new DirectContext(query, signal))) as R;
  }

  handledTypes(): readonly string[] {
    return this.#registry.types();
  }

  describe(): BusDescription {
    return { handlers: this.#registry.handlers(), middleware: this.#steps.map(nameOf) };
  }
}
