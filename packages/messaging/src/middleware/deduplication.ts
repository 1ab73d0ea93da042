import { currentRuntime, type Clock } from "@reactive-domain/core";
import { isAsyncIterable } from "../bus/is-async-iterable.ts";
import { Chain, type Linked } from "../chain.ts";
import { metadataOf } from "../message.ts";
import { checkCount, checkPositive } from "./check-option.ts";
import { shareThrown } from "./compose.ts";
import type { HandlerFacts, Middleware, MiddlewareContext, Next } from "./middleware.ts";
import { named } from "./named.ts";

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
  const { entries = 10_000, forMs = 300_000 } = options;
  checkCount("entries of deduplication", entries);
  checkPositive("forMs of deduplication", forMs);
  const { clock } = currentRuntime();
  const byHandler = new WeakMap<HandlerFacts, Answers>();
  return named("deduplication", (message, context, next) => {
    let answers = byHandler.get(context.handler);
    if (answers === undefined) byHandler.set(context.handler, (answers = new Answers(clock, { entries, forMs })));
    return answers.of(metadataOf(message).id, context, next);
  });
}

interface InProgress {
  readonly answer: Promise<unknown>;
  readonly context: MiddlewareContext;
}

class Kept implements Linked<Kept> {
  readonly id: string;
  readonly answer: Promise<unknown>;
  askedMs: number;
  before: Kept | undefined = undefined;
  after: Kept | undefined = undefined;

  constructor(id: string, answer: Promise<unknown>, askedMs: number) {
    this.id = id;
    this.answer = answer;
    this.askedMs = askedMs;
  }
}

/** What one handler answered, by message id. */
class Answers {
  readonly #clock: Clock;
  readonly #bounds: Required<DeduplicationOptions>;
  /** Not bounded: there are as many as there are calls. */
  readonly #inProgress = new Map<string, InProgress>();
  readonly #kept = new Map<string, Kept>();
  /** What is kept, in the order in which it was last asked for. A map has it, too, but its beginning is slow to find where much was taken out. */
  readonly #byAge = new Chain<Kept>();

  constructor(clock: Clock, bounds: Required<DeduplicationOptions>) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  of(id: string, context: MiddlewareContext, next: Next): Promise<unknown> {
    const first = this.#inProgress.get(id);
    if (first !== undefined) return join(first, context, next);
    const nowMs = this.#clock.monotonicMs();
    this.#dropOld(nowMs);
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      kept.askedMs = nowMs;
      this.#byAge.remove(kept);
      this.#byAge.push(kept);
      return kept.answer;
    }
    const answer = next();
    this.#inProgress.set(id, { answer, context });
    void this.#follow(id, answer);
    return answer;
  }

  /** Comes before whoever else waits for the answer: who tries again what failed must not find it in progress. */
  async #follow(id: string, answer: Promise<unknown>): Promise<void> {
    try {
      if (!isAsyncIterable(await answer)) this.#keep(new Kept(id, answer, this.#clock.monotonicMs()));
    } catch {
      // Told to those who wait, and forgotten here.
    } finally {
      this.#inProgress.delete(id);
    }
  }

  #keep(kept: Kept): void {
    this.#kept.set(kept.id, kept);
    this.#byAge.push(kept);
    const { first: oldest } = this.#byAge;
    if (oldest !== undefined && this.#kept.size > this.#bounds.entries) this.#drop(oldest);
  }

  #dropOld(nowMs: number): void {
    for (let { first } = this.#byAge; first !== undefined && nowMs - first.askedMs >= this.#bounds.forMs; { first } = this.#byAge)
      this.#drop(first);
  }

  #drop(kept: Kept): void {
    this.#kept.delete(kept.id);
    this.#byAge.remove(kept);
  }
}

/** An answer bit by bit can be read once: who has joined gets one more. */
async function join({ answer, context: first }: InProgress, context: MiddlewareContext, next: Next): Promise<unknown> {
  try {
    const shared = await answer;
    return isAsyncIterable(shared) ? await next() : shared;
  } catch (error) {
    shareThrown(error, first, context);
    throw error;
  }
}
