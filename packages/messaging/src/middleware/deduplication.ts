import { currentRuntime } from "@reactive-domain/core";
import { isAsyncIterable } from "../bus/is-async-iterable.ts";
import { Chain, type Linked } from "../chain.ts";
import { metadataOf } from "../message.ts";
import { TurnClock } from "../turn-clock.ts";
import { checkCount, checkOptions, checkPositive } from "./check-option.ts";
import { shareThrown } from "./compose.ts";
import type { HandlerFacts, Middleware, MiddlewareContext, Next } from "./middleware.ts";
import { named } from "./named.ts";
import { refuseUncalled } from "./step-factory.ts";

export interface DeduplicationOptions {
  /** How many answers are kept for each handler, the last asked for. An integer from 1. Default 10 000. */
  readonly entries?: number;
  /** How long an answer is kept after it was last asked for, in milliseconds, above 0. Default 300 000: 5 minutes. */
  readonly forMs?: number;
}

/**
 * Has each handler take a message once, by the message's id. One that comes again while the first is in progress waits for the same end; after that it gets the
 * same answer and no handler runs. What failed is forgotten and may be tried again.
 *
 * It remembers in the memory of this process only, so much and so long as the options say, with the answers themselves: another process, or this one after a
 * restart, takes the message again. The first caller's signal governs: that of one who joined ends nothing, and whoever joined shares the first one's
 * `message-canceled`. A message whose handler never ends stays in progress; a `timeout` behind this step ends it.
 *
 * A query that is answered bit by bit is not remembered: each who asks has a run of the handler.
 *
 * Errors: `invalid-argument`.
 */
export function deduplication(options: DeduplicationOptions = {}): Middleware {
  checkOptions("deduplication", options);
  const { entries = 10_000, forMs = 300_000 } = options;
  checkCount("entries of deduplication", entries);
  checkPositive("forMs of deduplication", forMs);
  const clock = new TurnClock(currentRuntime());
  const byHandler = new WeakMap<HandlerFacts, Answers>();
  return named("deduplication", (message, context, next) => {
    let answers = byHandler.get(context.handler);
    if (answers === undefined) byHandler.set(context.handler, (answers = new Answers(clock, { entries, forMs })));
    return answers.of(metadataOf(message).id, context, next);
  });
}

refuseUncalled(deduplication);

/** A run of the handler that has not come to its end. */
interface Run {
  readonly answer: Promise<unknown>;
  readonly context: MiddlewareContext;
}

/** What is known of one message id: the run that is in progress, or else what it answered. The answer itself is kept: its promise would keep far more alive. */
class Answer implements Linked<Answer> {
  readonly id: string;
  run: Run | undefined;
  value: unknown = undefined;
  askedMs = 0;
  before: Answer | undefined = undefined;
  after: Answer | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }
}

/** What one handler answered, by message id. */
class Answers {
  readonly #clock: TurnClock;
  readonly #bounds: Required<DeduplicationOptions>;
  /** Those in progress are not bounded: there are as many as there are calls. */
  readonly #byId = new Map<string, Answer>();
  /** What is kept, in the order in which it was last asked for. A map has it, too, but its beginning is slow to find where much was taken out. */
  readonly #kept = new Chain<Answer>();
  #keptCount = 0;

  constructor(clock: TurnClock, bounds: Required<DeduplicationOptions>) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  of(id: string, context: MiddlewareContext, next: Next): Promise<unknown> {
    this.#dropOld();
    const known = this.#byId.get(id);
    if (known === undefined) return this.#begin(new Answer(id), context, next);
    if (known.run !== undefined) return join(known.run, context, next);
    this.#kept.remove(known);
    this.#keepLast(known);
    return Promise.resolve(known.value);
  }

  /** What it returns settles when the end is known here: who tries again what failed must not find it in progress. */
  #begin(one: Answer, context: MiddlewareContext, next: Next): Promise<unknown> {
    const answer = next().then(
      (value) => this.#end(one, value),
      (error) => {
        this.#byId.delete(one.id);
        throw error;
      },
    );
    one.run = { answer, context };
    this.#byId.set(one.id, one);
    return answer;
  }

  #end(one: Answer, value: unknown): unknown {
    if (isAsyncIterable(value)) this.#byId.delete(one.id);
    else this.#keep(one, value);
    return value;
  }

  #keep(one: Answer, value: unknown): void {
    one.run = undefined;
    one.value = value;
    this.#keepLast(one);
    const { first: oldest } = this.#kept;
    if (++this.#keptCount > this.#bounds.entries && oldest !== undefined) this.#drop(oldest);
  }

  #keepLast(one: Answer): void {
    one.askedMs = this.#clock.nowMs;
    this.#kept.push(one);
  }

  #dropOld(): void {
    const { nowMs } = this.#clock;
    for (let { first } = this.#kept; first !== undefined && nowMs - first.askedMs >= this.#bounds.forMs; { first } = this.#kept)
      this.#drop(first);
  }

  #drop(one: Answer): void {
    this.#byId.delete(one.id);
    this.#kept.remove(one);
    this.#keptCount--;
  }
}

/** An answer bit by bit can be read once: who has joined gets one more. */
async function join({ answer, context: first }: Run, context: MiddlewareContext, next: Next): Promise<unknown> {
  try {
    const shared = await answer;
    return isAsyncIterable(shared) ? await next() : shared;
  } catch (error) {
    shareThrown(error, first, context);
    throw error;
  }
}
