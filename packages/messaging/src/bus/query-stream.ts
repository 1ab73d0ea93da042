import { AsyncResource } from "node:async_hooks";
import { InvalidArgument, warn, type Scheduler } from "@reactive-domain/core";
import { MessageCanceled } from "../errors.ts";
import { classOf, type QueryBase } from "../message.ts";
import { runFor } from "./ambient.ts";
import type { AnyHandler } from "./handler.ts";
import { isAsyncIterable } from "./is-async-iterable.ts";
import { DirectContext } from "./message-context.ts";

export interface QueryStreamOptions {
  readonly query: QueryBase;
  readonly signal: AbortSignal | undefined;
  readonly scheduler: Scheduler;
  /** Finds the handler, with the steps around it, and throws where the query cannot have one. */
  readonly handler: () => AnyHandler;
}

type Step<T> = IteratorResult<T, unknown>;

/** One run through what a handler answers bit by bit. */
export class QueryStream<T> implements AsyncIterator<T, unknown> {
  readonly #options: QueryStreamOptions;
  readonly #context: StreamContext;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #onAbort = (): void => this.#giveUp();
  #answer: Promise<AsyncIterator<T, unknown>> | undefined;
  #leaving: Promise<Step<T>> | undefined;
  /** That it was given up, while nobody waited. */
  #untold: Error | undefined;
  #isOver = false;

  constructor(options: QueryStreamOptions) {
    this.#options = options;
    this.#context = new StreamContext(options.query, options.signal);
  }

  next(): Promise<Step<T>> {
    const { signal } = this.#options;
    if (signal?.aborted === true && !this.#isOver) this.#giveUp();
    const untold = this.#untold;
    this.#untold = undefined;
    if (untold !== undefined) return Promise.reject(untold);
    if (this.#isOver) return Promise.resolve(DONE);
    if (this.#answer === undefined) signal?.addEventListener("abort", this.#onAbort, { once: true });
    return this.#unlessAborted(this.#step());
  }

  return(): Promise<Step<T>> {
    const isAtWork = !this.#isOver && this.#answer !== undefined;
    this.#isOver = true;
    return isAtWork ? this.#unlessAborted(this.#leave()) : Promise.resolve(DONE);
  }

  async #step(): Promise<Step<T>> {
    try {
      const turn = this.#options.scheduler.turn();
      if (turn !== undefined) await turn;
      if (this.#isOver) return DONE;
      const iterator = await (this.#answer ??= this.#begin());
      if (this.#isOver) return DONE;
      const step = await this.#context.run(() => iterator.next());
      if (step.done === true) this.#end();
      return step;
    } catch (error) {
      if (this.#options.signal?.aborted === true) this.#tellLate(error);
      this.#end();
      throw error;
    }
  }

  async #begin(): Promise<AsyncIterator<T, unknown>> {
    const { query, handler } = this.#options;
    const run = handler();
    const begin: AnyHandler = (message, context) => {
      this.#context.enterHandler();
      return run(message, context);
    };
    const answer = await runFor(query, begin, this.#context);
    if (!isAsyncIterable<T>(answer))
      throw new InvalidArgument(`The answer to ${classOf(query).type}`, "an async iterable", answer, "Use ask for any other.");
    return this.#context.run(() => answer[Symbol.asyncIterator]());
  }

  /** Has the handler come to its end, where it stands. */
  #leave(): Promise<Step<T>> {
    return (this.#leaving ??= this.#return());
  }

  async #return(): Promise<Step<T>> {
    try {
      // Whoever waits for its beginning is told why there is none.
      const iterator = await this.#answer?.catch(() => undefined);
      return (await this.#context.run(() => iterator?.return?.())) ?? DONE;
    } finally {
      this.#end();
    }
  }

  /** The handler may hang, and is left to itself: it comes to its end when it can. */
  #giveUp(): void {
    this.#isOver = true;
    const { query, signal } = this.#options;
    const error = new MessageCanceled(classOf(query).type, signal?.reason);
    if (this.#waiting.size === 0) this.#untold = error;
    for (const giveUp of this.#waiting) giveUp(error);
    this.#leave().catch((late: unknown) => this.#tellLate(late));
  }

  #unlessAborted(work: Promise<Step<T>>): Promise<Step<T>> {
    if (this.#options.signal === undefined) return work;
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      work.finally(() => this.#waiting.delete(reject)).then(resolve, reject);
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Nobody waits for what is thrown after an abort: it becomes a warning of the process, unless it tells of the abort. */
  #tellLate(error: unknown): void {
    const isAbort = error instanceof MessageCanceled || (error instanceof Error && error.name === "AbortError");
    if (!isAbort && error !== this.#options.signal?.reason) warn(error);
  }
}

/** Remembers where the handler began, so that each of its parts runs there: in its chain, and within what the steps have set around it. */
class StreamContext extends DirectContext {
  #place: AsyncResource | undefined;

  override enterHandler(): void {
    this.#place = new AsyncResource("QueryStream");
  }

  run<R>(work: () => R): R {
    return this.#place === undefined ? work() : this.#place.runInAsyncScope(work);
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
