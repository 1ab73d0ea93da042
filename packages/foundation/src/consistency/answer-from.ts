import { checkKeys, currentRuntime, InvalidArgument, type Runtime } from "@reactive-domain/core";
import { classOf, type MessageContext, type QueryBase, type QueryHandler, type ResultOf } from "@reactive-domain/messaging";
import { NotStarted } from "../listeners/errors.ts";
import type { FeedListener } from "../listeners/feed-listener.ts";
import { checkWait, type CatchUpOptions } from "../listeners/waiters.ts";
import { listenersOf } from "../read-models/model-listeners.ts";
import { ReadModelBase } from "../read-models/read-model-base.ts";
import { awaitCoverage } from "./await-coverage.ts";
import { awaitHistory } from "./await-history.ts";
import { readAfter } from "./read-after.ts";
import { inOrder, readTogether } from "./read-together.ts";

export interface AnswerFromOptions {
  /** The longest wait, for what a query demands and for the models to make way, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Answers also while a model is in the middle of its history, from what it has handled of it by then. Default `false`: a query waits for the history. */
  readonly whileCatchingUp?: boolean;
}

interface Answering {
  readonly models: readonly ReadModelBase[];
  readonly timeoutMs: number;
  readonly whileCatchingUp: boolean;
  readonly runtime: Runtime;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * A query handler that answers from read models. It waits until they have handled their history, and what the query demands, where it carries a token ({@link readAfter}), and
 * then runs `handler` between two events, so that it never sees half of what the handler of an event does. Several models are held at once. While an asynchronous `handler` is at work they
 * handle nothing: it should answer at once, and must not wait for another answer from the same models.
 *
 * A token is held against the logs that the models read; other logs in it are passed over.
 *
 * Errors: `invalid-argument`. Those of the handler: `not-caught-up` or `read-model-busy` after `timeoutMs`; `invalid-token`, `foreign-token` and `ahead-of-log` at once, for a
 * token that can never be fulfilled; `not-started` while nothing is started on a model, also on one that only takes events from outside: answer from its `read`; the reason of the query's signal; what has stopped a feed; those of the store;
 * what `handler` throws; `invalid-argument` for an answer that comes bit by bit.
 *
 * @example
 * queries.handle(BalanceOf, answerFrom(balances, ({ accountId }) => ({ balance: balances.of(accountId) })));
 */
export function answerFrom<Q extends QueryBase>(
  models: ReadModelBase | readonly ReadModelBase[],
  handler: QueryHandler<Q>,
  options: AnswerFromOptions = {},
): QueryHandler<Q> {
  checkKeys("options of answerFrom", options, ["timeoutMs", "whileCatchingUp"]);
  const { timeoutMs } = checkWait({ timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS });
  const { whileCatchingUp = false } = options;
  if (typeof whileCatchingUp !== "boolean") throw new InvalidArgument("whileCatchingUp", "true or false", whileCatchingUp);
  if (typeof handler !== "function") throw new InvalidArgument("handler", "a function", handler);
  const answering = { models: inOrder(checkModels(models)), timeoutMs, whileCatchingUp, runtime: currentRuntime() };
  const answer = (query: Q, context: MessageContext): Promise<ResultOf<Q>> => answerIn(answering, query, { handler, context });
  // By its name a bus tells what answers.
  Object.defineProperty(answer, "name", { value: handler.name, configurable: true });
  return answer;
}

async function answerIn<Q extends QueryBase>(
  { models, timeoutMs, whileCatchingUp, runtime }: Answering,
  query: Q,
  { handler, context }: { readonly handler: QueryHandler<Q>; readonly context: MessageContext },
): Promise<ResultOf<Q>> {
  const { signal } = context;
  const { clock } = runtime;
  const endMs = clock.monotonicMs() + timeoutMs;
  const leftMs = (): number => Math.max(endMs - clock.monotonicMs(), 1);
  const listeners = models.flatMap((model) => startedIn(model));
  const token = readAfter.tryRead(query);
  if (token !== undefined) await awaitCoverage(models, token, { timeoutMs, signal }, runtime);
  if (!whileCatchingUp) await awaitHistory(listeners, { timeoutMs: leftMs(), signal }, runtime);
  const patience = (): CatchUpOptions => ({ timeoutMs: leftMs(), ...(signal && { signal }) });
  const answer = await readTogether(models, () => handler(query, context), patience);
  if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer)
    throw new InvalidArgument(`The answer to ${classOf(query).type}`, "whole, as it comes from between two events", answer);
  return answer as ResultOf<Q>;
}

/** A program that begins may be asked before its models are started. Errors: `not-started`. */
function startedIn(model: ReadModelBase): readonly FeedListener[] {
  const listeners = listenersOf(model);
  if (listeners.length === 0) throw new NotStarted(model.constructor.name);
  return listeners;
}

function checkModels(models: ReadModelBase | readonly ReadModelBase[]): readonly ReadModelBase[] {
  const all: readonly unknown[] = Array.isArray(models) ? models : [models];
  if (all.length > 0 && all.every((model) => model instanceof ReadModelBase)) return all;
  throw new InvalidArgument("models", "a read model, or a list of some", all.find((model) => !(model instanceof ReadModelBase)) ?? models);
}
