import { currentRuntime, type Clock } from "@reactive-domain/core";
import { isAsyncIterable } from "../bus/is-async-iterable.ts";
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

interface Kept {
  readonly answer: Promise<unknown>;
  readonly askedMs: number;
}

/** What one handler answered, by message id. */
class Answers {
  readonly #clock: Clock;
  readonly #bounds: Required<DeduplicationOptions>;
  /** Not bounded: there are as many as there are calls. */
  readonly #inProgress = new Map<string, InProgress>();
  /** In the order in which they were last asked for. */
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock, bounds: Required<DeduplicationOptions>) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  of(id: string, context: MiddlewareContext, next: Next): Promise<unknown> {
    const first = this.#inProgress.get(id);
    if (first !== undefined) return join(first, context, next);
    this.#dropOld();
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      this.#keep(id, kept.answer);
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
      if (!isAsyncIterable(await answer)) this.#keep(id, answer);
    } catch {
      // Told to those who wait, and forgotten here.
    } finally {
      this.#inProgress.delete(id);
    }
  }

  #keep(id: string, answer: Promise<unknown>): void {
    this.#kept.delete(id);
    this.#kept.set(id, { answer, askedMs: this.#clock.monotonicMs() });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#bounds.entries) return;
      this.#kept.delete(oldest);
    }
  }

  #dropOld(): void {
    const untilMs = this.#clock.monotonicMs() - this.#bounds.forMs;
    for (const [id, { askedMs }] of this.#kept) {
      if (askedMs > untilMs) return;
      this.#kept.delete(id);
    }
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
