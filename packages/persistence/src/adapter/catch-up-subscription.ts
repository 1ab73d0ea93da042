import { LoopShare, onAbort, position, type Position, type Runtime } from "@reactive-domain/core";
import { AheadOfLog } from "../errors.ts";
import type { EventBatch } from "../read.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import type { Subscription, SubscriptionDrop, SubscriptionMessage } from "../subscription.ts";
import type { EventStoreDriver, MaybePromise, PageRequest } from "./driver.ts";
import { EventByEvent } from "./event-by-event.ts";

/** What a subscription needs beside its first page's request. */
export interface CatchUpOptions {
  readonly driver: Pick<EventStoreDriver, "readPage" | "onCommit">;
  readonly signal: AbortSignal | undefined;
  readonly runtime: Runtime;
  /** Called once, when the subscription has ended. */
  readonly onEnd: (subscription: CatchUpSubscription) => void;
}

type Step = IteratorResult<SubscriptionMessage, undefined>;

const DONE: Step = { done: true, value: undefined };

/**
 * A subscription that only ever reads the log behind the last event that it has delivered, and waits for a commit when there is none. Because positions are
 * visible in order, history and new events are the same thing: nothing can be lost or repeated between them, and nothing is buffered but the page at hand.
 */
export class CatchUpSubscription implements Subscription {
  readonly dropped: Promise<SubscriptionDrop>;
  readonly #options: CatchUpOptions;
  readonly #share: LoopShare;
  readonly #first: MaybePromise<PageRequest>;
  /** Messages of the page at hand: its events, the live signal. */
  readonly #ready: SubscriptionMessage[] = [];
  #tellDrop: (drop: SubscriptionDrop) => void = () => undefined;
  #drop: SubscriptionDrop | undefined;
  #running: Promise<Step> | undefined;
  #request: PageRequest | undefined;
  #stopListening: (() => void) | undefined;
  #commits = 0;
  /** How many commits there had been when the last page was read, if that was the end: before another there is nothing to read. */
  #endAt: number | undefined;
  #wake: (() => void) | undefined;
  /** Ends the wait for an answer of the driver. */
  #giveUp: (() => void) | undefined;
  #stopAborting: () => void = () => undefined;
  #liveAt: number | undefined;
  #isLive = false;
  #hasThrown = false;
  #told: Position | null = null;

  constructor(first: MaybePromise<PageRequest>, options: CatchUpOptions) {
    this.#first = first;
    this.#options = options;
    this.#share = new LoopShare(options.runtime);
    this.dropped = new Promise((resolve) => {
      this.#tellDrop = resolve;
    });
    // Whoever iterates gets the error; nobody iterating is no reason to end the process.
    if (first instanceof Promise) first.catch(() => undefined);
    const aborted = (): void => this.fail("aborted", options.signal?.reason);
    this.#stopAborting = onAbort(options.signal, aborted);
    if (options.signal?.aborted === true) aborted();
  }

  next(): Promise<Step> {
    const before = this.#running;
    const step =
      before === undefined
        ? this.#step()
        : before.then(
            () => this.#step(),
            () => this.#step(),
          );
    this.#running = step;
    return step;
  }

  async return(): Promise<Step> {
    await this.close();
    return DONE;
  }

  async close(): Promise<void> {
    this.#end({ reason: "closed", error: undefined });
    await this.#running?.catch(() => undefined);
  }

  events(): AsyncIterableIterator<RecordedEvent> {
    return new EventByEvent(this, (message) => (message.kind === "events" ? message.events : []));
  }

  /** Ends the subscription from the other side: its reader gets the error. */
  fail(reason: SubscriptionDrop["reason"], error: unknown): void {
    this.#end({ reason, error });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #step(): Promise<Step> {
    try {
      for (;;) {
        if (this.#drop !== undefined) return this.#endOf(this.#drop);
        const value = this.#ready.shift();
        if (value !== undefined) return { done: false, value };
        this.#request ??= await this.#begin();
        if (this.#request === undefined) continue;
        if (this.#endAt === this.#commits) await this.#nextCommit();
        else await this.#nextPage(this.#request);
      }
    } catch (error) {
      this.fail("failed", error);
      this.#hasThrown = true;
      throw error;
    }
  }

  /** Nothing when it has ended meanwhile. */
  async #begin(): Promise<PageRequest | undefined> {
    this.#stopListening = this.#options.driver.onCommit(() => {
      this.#commits++;
      this.#wake?.();
    });
    // It may have ended before: then it is not to listen.
    if (this.#drop !== undefined) this.#stopListening();
    const first = this.#first;
    return first instanceof Promise ? this.#unlessEnded(first) : first;
  }

  async #nextPage(request: PageRequest): Promise<void> {
    const pause = this.#share.pause();
    if (pause !== undefined) await pause;
    const turn = this.#options.runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    if (this.#drop !== undefined) return;
    const seen = this.#commits;
    const read = this.#options.driver.readPage(request);
    const page = read instanceof Promise ? await this.#unlessEnded(read) : read;
    if (page === undefined) return;
    if (this.#liveAt === undefined) refuseAhead(request, page);
    this.#take(request, page);
    this.#endAt = page.isEnd ? seen : undefined;
  }

  #take(request: PageRequest, page: EventBatch): void {
    this.#liveAt ??= page.head ?? -1;
    const from = request.from as number;
    if (page.next !== null && page.next > from) this.#request = { ...request, from: page.next };
    const upTo = coveredBy(page, this.#told);
    if (page.events.length > 0 || upTo !== this.#told) this.#ready.push({ kind: "events", events: page.events, upTo });
    this.#told = upTo;
    if (this.#isLive || !(page.isEnd || (upTo ?? -1) >= this.#liveAt)) return;
    this.#isLive = true;
    this.#ready.push({ kind: "live", upTo });
  }

  /** What the driver answers, or nothing as soon as it ends: a store that hangs keeps nobody who has left. A late answer is thrown away. */
  async #unlessEnded<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await new Promise<T | undefined>((resolve, reject) => {
        this.#giveUp = () => resolve(undefined);
        answer.then(resolve, reject);
        if (this.#drop !== undefined) resolve(undefined);
      });
    } finally {
      this.#giveUp = undefined;
    }
  }

  async #nextCommit(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  /** The error is told once, as every iterator does. */
  #endOf({ reason, error }: SubscriptionDrop): Step {
    if (reason === "closed" || this.#hasThrown) return DONE;
    throw error;
  }

  #end(drop: SubscriptionDrop): void {
    if (this.#drop !== undefined) return;
    this.#drop = drop;
    this.#ready.length = 0;
    this.#stopListening?.();
    this.#stopAborting();
    this.#options.onEnd(this);
    this.#tellDrop(drop);
    this.#wake?.();
    this.#giveUp?.();
  }
}

/** A place that the log has not reached belongs to another log: waiting for it would pass over what is written meanwhile. */
function refuseAhead({ source, from }: PageRequest, { head }: EventBatch): void {
  const isLogOrdered = !("stream" in source);
  if (isLogOrdered && (from as number) > (head ?? -1) + 1) throw new AheadOfLog("A subscription", position((from as number) - 1), head);
}

/** Up to where a page, and all before it, has told everything that is selected; what is known already where the page does not tell. */
function coveredBy(page: EventBatch, known: Position | null): Position | null {
  if (page.isEnd) return page.head;
  // Off a stream the next cursor is a position, and a page may have looked through a part of the log that has nothing for it.
  const isLogOrdered = page.lastVersion === undefined && page.next !== null;
  return isLogOrdered ? position(page.next - 1) : (page.events.at(-1)?.position ?? known);
}
