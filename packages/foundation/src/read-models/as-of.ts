import { AlreadyClosed, InvalidArgument, onAbort, unlessAborted, type Position } from "@reactive-domain/core";
import { AheadOfLog, type CallOptions, type EventBatch, type SubscriptionMessage } from "@reactive-domain/persistence";
import { filterOf, type EventFeed, type FeedMessages, type FeedStart } from "../listeners/event-feed.ts";
import { headOf } from "../listeners/lag.ts";
import { checkFeed } from "../listeners/start-options.ts";
import { checkAsOf } from "../repositories/check-as-of.ts";
import type { ReadModelBase } from "./read-model-base.ts";

/** When: behind the event of this position, or at this time, by the times at which events were committed. */
export type ReadModelAsOf = { readonly position: Position } | { readonly time: Date };

/**
 * Folds a new read model up to a place in the past, beside the one that is live, and resolves when it is there. It handles nothing afterwards: its feeds have `ended`.
 * It sees what the store has today: events of a stream that was deleted or cut since are not in that stream's past, and in that of its category until a scavenge.
 * The events of a feed come in the order of the log; which of several feeds is first is not promised, as with a live model.
 *
 * Errors: `invalid-argument` for a model that was started or restored; `ahead-of-log` for a position that the log has not reached; `feed-faulted` when a handler throws;
 * the signal's reason; those of the store. The model is closed then.
 *
 * @example
 * const past = await readModelAsOf(new Balances(), bank.category(Account), { time: new Date("2026-01-01T00:00:00Z") });
 */
export async function readModelAsOf<M extends ReadModelBase>(
  model: M,
  feeds: EventFeed | readonly EventFeed[],
  asOf: ReadModelAsOf,
  options: Pick<CallOptions, "signal"> = {},
): Promise<M> {
  const { signal } = options;
  const wanted: readonly EventFeed[] = Array.isArray(feeds) ? feeds : [feeds as EventFeed];
  for (const feed of wanted) checkFeed(feed);
  checkAsOf(asOf, "position");
  if (model.health.length > 0 || model.checkpoints.length > 0)
    throw new InvalidArgument("model", "a new one, which nothing was started on or restored into", model.constructor.name);
  signal?.throwIfAborted();
  try {
    await unlessAborted(fold(model, wanted, { asOf, signal }), signal);
    signal?.throwIfAborted();
    return model;
  } catch (error) {
    const closing = model.close();
    // A handler that never ends would keep the answer from who does not want it any more.
    if (signal?.aborted === true) throw signal.reason;
    await closing;
    throw error;
  }
}

interface Fold {
  readonly asOf: ReadModelAsOf;
  readonly signal: AbortSignal | undefined;
}

async function fold(model: ReadModelBase, feeds: readonly EventFeed[], { asOf, signal }: Fold): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  await Promise.all(feeds.map((feed) => refuseAhead(feed, asOf, options)));
  await Promise.all(feeds.map((feed) => model.start(feedUpTo(feed, asOf), { ...options, onFault: () => undefined })));
  await model.live;
}

/** What the log has not come to may become anything. */
async function refuseAhead({ store }: EventFeed, asOf: ReadModelAsOf, options: CallOptions): Promise<void> {
  if (!("position" in asOf)) return;
  const head = await headOf(store, options);
  if (asOf.position > (head ?? -1)) throw new AheadOfLog("readModelAsOf", asOf.position, head);
}

/** A feed that ends with a place. */
export function feedUpTo(feed: EventFeed, upTo: ReadModelAsOf): EventFeed {
  return { ...feed, ends: true, follow: (start) => new PastMessages(feed, upTo, start) };
}

const ENDED: IteratorResult<SubscriptionMessage> = { done: true, value: undefined };

/** The history of a feed up to a place, the live signal, and nothing more. */
class PastMessages implements FeedMessages {
  readonly #batches: AsyncIterator<EventBatch>;
  readonly #asOf: ReadModelAsOf;
  readonly #ending = new AbortController();
  readonly #stopAborting: () => void;
  #isTold = false;

  constructor(feed: EventFeed, asOf: ReadModelAsOf, { from, signal }: FeedStart) {
    this.#stopAborting = onAbort(signal, () => this.#ending.abort(signal?.reason));
    if (signal?.aborted === true) this.#ending.abort(signal.reason);
    const options = { from, upTo: asOf, ...filterOf(feed), signal: this.#ending.signal };
    this.#batches = feed.store.read(feed.source, options).batches()[Symbol.asyncIterator]();
    this.#asOf = asOf;
  }

  async next(): Promise<IteratorResult<SubscriptionMessage>> {
    const { done, value } = await this.#batches.next();
    if (done !== true) {
      const { events } = value;
      return { done: false, value: { kind: "events", events, upTo: events.at(-1)?.position ?? null } };
    }
    if (this.#isTold) return ENDED;
    this.#isTold = true;
    return { done: false, value: { kind: "live", upTo: "position" in this.#asOf ? this.#asOf.position : null } };
  }

  /** A page that is waited for is not wanted any more: the generator would wait for it. */
  async close(): Promise<void> {
    this.#stopAborting();
    this.#ending.abort(new AlreadyClosed("The past of a feed"));
    await this.#batches.return?.();
  }
}
