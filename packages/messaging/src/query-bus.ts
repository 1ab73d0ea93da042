import type { MessageContext, SendOptions } from "./message-context.ts";
import type { Answer, MessageClass, ResultOf } from "./message-types.ts";
import type { QueryBase } from "./message.ts";
import { RequestRouter, type Unsubscribe } from "./request-router.ts";

/** Answers one type of query. */
export type QueryHandler<Q extends QueryBase> = (query: Q, context: MessageContext) => Answer<ResultOf<Q>>;

/** Brings each query to its one handler. */
export interface QueryBus {
  /** Registers the handler of exactly this class; classes that derive from it need their own. Errors: `already-handled`. */
  handle<Q extends QueryBase>(queryClass: MessageClass<Q>, handler: QueryHandler<Q>): Unsubscribe;
  /**
   * Holds the query against its schema, runs its handler, and resolves to its answer.
   *
   * Errors: `not-handled`, `invalid-message`, `canceled`, and what the handler throws.
   */
  ask<R>(query: QueryBase<R>, options?: SendOptions): Promise<R>;
  /** The types that have a handler, in alphabetical order. */
  handledTypes(): readonly string[];
}

/** A query bus within this process that runs handlers directly, as many at a time as there are askers. */
export function createQueryBus(): QueryBus {
  const router = new RequestRouter();
  return {
    handle: (queryClass, handler) => router.handle(queryClass, handler),
    ask: <R>(query: QueryBase<R>, options?: SendOptions) => router.dispatch(query, options, (error) => error) as Promise<R>,
    handledTypes: () => router.handledTypes(),
  };
}
