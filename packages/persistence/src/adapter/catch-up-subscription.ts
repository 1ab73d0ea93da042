import { position, yieldToLoop, type Position, type Runtime } from "@reactive-domain/core";
import type { EventBatch } from "../read.ts";
import type { Subscription, SubscriptionMessage } from "../subscription.ts";
import type { EventStoreDriver, PageRequest } from "./driver.ts";

/** What a subscription needs beside its first page's request. */
export interface CatchUpOptions {
  readonly driver: Pick<EventStoreDriver, "readPage" | "onCommit">;
  readonly signal: AbortSignal | undefined;
  readonly runtime: Runtime;
  /** Called once, when the subscription has ended. */
  readonly onEnd: (subscription: CatchUpSubscription) => void;
}

/**
 * A subscription that only ever reads the log behind the last event that it has delivered, and waits for a commit when there is none. Because positions are
 * visible in order and without holes, history and new events are the same thing: nothing can be lost or repeated between them, and nothing is buffered.
 */
export class CatchUpSubscription implements Subscription {
  readonly #first: Promise<PageRequest>;
  readonly #options: CatchUpOptions;
  readonly #messages: AsyncGenerator<SubscriptionMessage, void, undefined>;
  #ending: { readonly error?: Error } | undefined;
  #commits = 0;
  #wake: (() => void) | undefined;

  constructor(first: Promise<PageRequest>, options: CatchUpOptions) {
    this.#first = first;
    this.#options = options;
    this.#messages = this.#deliver();
    // Whoever iterates gets the error; nobody iterating is no reason to end the process.
    first.catch(() => undefined);
  }

  next(): Promise<IteratorResult<SubscriptionMessage>> {
    return this.#messages.next();
  }

  async return(): Promise<IteratorResult<SubscriptionMessage>> {
    await this.close();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    await this.#end({});
  }

  /** Ends the subscription from the other side: its reader gets the error. */
  async fail(error: Error): Promise<void> {
    this.#ending ??= { error };
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(ending: { readonly error?: Error }): Promise<void> {
    this.#ending ??= ending;
    this.#wake?.();
    await this.#messages.return();
    this.#options.onEnd(this);
  }

  async *#deliver(): AsyncGenerator<SubscriptionMessage, void, undefined> {
    const { driver, signal } = this.#options;
    const wake = (): void => {
      this.#commits++;
      this.#wake?.();
    };
    let stopListening: (() => void) | undefined;
    try {
      if (this.#hasEnded()) return;
      stopListening = driver.onCommit(wake);
      signal?.addEventListener("abort", wake, { once: true });
      yield* this.#follow(await this.#first);
    } finally {
      stopListening?.();
      signal?.removeEventListener("abort", wake);
      this.#options.onEnd(this);
    }
  }

  async *#follow(request: PageRequest): AsyncGenerator<SubscriptionMessage, void, undefined> {
    let from = request.from as number;
    let liveAt: number | undefined;
    let isLive = false;
    let told: Position | null = null;
    while (!this.#hasEnded()) {
      const seen = this.#commits;
      const page = await this.#readPage({ ...request, from });
      if (this.#hasEnded()) return;
      liveAt ??= page.head ?? -1;
      from = Math.max(from, page.next ?? from);
      const upTo = coveredBy(page, told);
      if (page.events.length > 0 || upTo !== told) yield { kind: "events", events: page.events, upTo };
      told = upTo;
      if (!isLive && (page.isEnd || (upTo ?? -1) >= liveAt)) {
        isLive = true;
        yield { kind: "live", upTo };
      }
      await (page.isEnd ? this.#commitAfter(seen) : yieldToLoop({ runtime: this.#options.runtime }));
    }
  }

  async #readPage(request: PageRequest): Promise<EventBatch> {
    const turn = this.#options.runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    this.#hasEnded();
    return this.#options.driver.readPage(request);
  }

  /** Throws what the subscription ended with, where that is an error. */
  #hasEnded(): boolean {
    if (this.#ending?.error !== undefined) throw this.#ending.error;
    this.#options.signal?.throwIfAborted();
    return this.#ending !== undefined;
  }

  async #commitAfter(seen: number): Promise<void> {
    if (this.#commits !== seen || this.#ending !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}

/** Up to where a page, and all before it, has told everything that is selected; what is known already where the page does not tell. */
function coveredBy(page: EventBatch, known: Position | null): Position | null {
  if (page.isEnd) return page.head;
  // Off a stream the next cursor is a position, and a page may have looked through a part of the log that has nothing for it.
  const isLogOrdered = page.lastVersion === undefined && page.next !== null;
  return isLogOrdered ? position(page.next - 1) : (page.events.at(-1)?.position ?? known);
}
