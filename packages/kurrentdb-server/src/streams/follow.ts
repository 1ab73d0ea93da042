import { position, version } from "@reactive-domain/core";
import { after, type EventsArrived, type SubscribeOptions } from "@reactive-domain/persistence";
import type { ServerLimits } from "../server-options.ts";
import type { TombstoneWatch } from "../views/tombstone-watch.ts";
import { wirePosition } from "../wire/places.ts";
import type { Refusal } from "../wire/refusal.ts";
import { wireTime } from "../wire/wire-time.ts";
import type { Outgoing } from "./read-sender.ts";
import { madeUpTo } from "./made-up-to.ts";
import { edgeOf, infoOf, lastOf, type ReadWork } from "./read-work.ts";

/** Follows a stream or the log: history, that it is caught up, then what is written, until the client leaves or `end` is called with what it is told. */
export async function follow(work: ReadWork, tombstones: TombstoneWatch, end: (refusal: Refusal) => void): Promise<void> {
  const { context, plan, sender, signal } = work;
  const { view } = plan;
  // The watch first: what is tombstoned behind the look at the stream, it sees.
  const unwatch = view.tombstoneOf === undefined ? undefined : await tombstones.watch(view.tombstoneOf, view.name ?? "", end);
  try {
    signal.throwIfAborted();
    await infoOf(work, view);
    const start = await placeBefore(work);
    const subscription = context.store.subscribe(view.source, {
      ...(view.filter !== undefined && { filter: view.filter }),
      from: startBehind(work, start),
      signal,
      maxBatchEvents: context.limits.pageEvents,
      maxBatchBytes: context.limits.pageBytes,
    });
    await sender.send([{ message: { confirmation: { subscription_id: context.runtime.ids.next() } } }]);
    const follower = new Follower(work, start);
    for await (const message of madeUpTo(work, subscription))
      await (message.kind === "live" ? follower.live(message.upTo) : follower.arrived(message));
  } finally {
    unwatch?.();
  }
}

/** The place behind which a subscription begins; `undefined` where it begins with the first event. */
async function placeBefore(work: ReadWork): Promise<number | undefined> {
  const { context, plan, signal } = work;
  const { view, from } = plan;
  if (typeof from === "number") return from;
  if (view.revision === "position") return from === "start" ? undefined : endOfView(work);
  const { firstVersion, lastVersion } = await context.store.streamInfo(view.name ?? "", { signal });
  // A stream that shows nothing begins behind what it hides.
  return from === "start" && firstVersion !== null ? undefined : (lastVersion ?? undefined);
}

/** The end of the log, or where the view has stopped by then: what is written behind that comes when it goes on. */
async function endOfView(work: ReadWork): Promise<number | undefined> {
  const last = await lastOf(work, work.plan.view.source);
  return (await edgeOf(work))?.position ?? last?.head ?? undefined;
}

function startBehind({ plan }: ReadWork, place: number | undefined): NonNullable<SubscribeOptions["from"]> {
  if (place === undefined) return "start";
  return plan.view.revision === "version" ? after(version(place)) : after(position(place));
}

/** Characters are counted in place of bytes, and the next event, which did not fit, is not known: a quarter is full enough to look whether more is there. */
function mayBeFull(events: EventsArrived["events"], { pageEvents, pageBytes }: ServerLimits): boolean {
  if (events.length >= pageEvents) return true;
  const size = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
  return size * 4 > pageBytes;
}

/** Where a subscription is, and what it tells of that beside events. */
class Follower {
  readonly #work: ReadWork;
  /** The revision up to which everything has been sent. */
  #at: number | undefined;
  #isLive = false;
  #isBehind = false;
  /** Events that the filter has looked at since the last checkpoint. */
  #looks = 0;
  /** The last checkpoint: where the client begins is one. */
  #checkpoint: number | undefined;

  constructor(work: ReadWork, start: number | undefined) {
    this.#work = work;
    this.#at = start;
    this.#checkpoint = start;
  }

  /** The history has been sent, for the first time. */
  async live(upTo: number | null): Promise<void> {
    if (this.#isLive) return;
    this.#isLive = true;
    if (this.#isByPosition) this.#at = upTo ?? undefined;
    await this.#work.sender.send([...this.#checkpointAt(upTo), this.#caughtUp()]);
  }

  async arrived(arrived: EventsArrived): Promise<void> {
    const isAtEnd = await this.#isAtEnd(arrived);
    const hasFallen = !isAtEnd && !this.#isBehind;
    const fallen = hasFallen ? [{ message: { fell_behind: this.#place() } }] : [];
    const selected = this.#selected(arrived);
    this.#advance(arrived);
    const hasCaughtUp = isAtEnd && this.#isBehind;
    this.#isBehind = !isAtEnd;
    await this.#work.sender.send([...fallen, ...selected, ...(hasCaughtUp ? [...this.#checkpointAt(arrived.upTo), this.#caughtUp()] : [])]);
  }

  get #isByPosition(): boolean {
    return this.#work.plan.view.revision === "position";
  }

  /** Whether nothing more is there to be read. Only who is live can fall behind, and only a page that may be full tells of it. */
  async #isAtEnd({ events, upTo }: EventsArrived): Promise<boolean> {
    const { context, plan, signal } = this.#work;
    if (!this.#isLive || (!this.#isBehind && !mayBeFull(events, context.limits))) return true;
    if (this.#isByPosition) return (upTo ?? -1) >= ((await lastOf(this.#work, { all: true }))?.head ?? -1);
    const { lastVersion } = await context.store.streamInfo(plan.view.name ?? "", { signal });
    return (events.at(-1)?.version ?? Number.POSITIVE_INFINITY) >= (lastVersion ?? -1);
  }

  #advance({ events, upTo }: EventsArrived): void {
    const last = this.#isByPosition ? (upTo ?? undefined) : events.at(-1)?.version;
    if (last !== undefined) this.#at = last;
  }

  /** The events that the filter lets through, with checkpoints in between. */
  #selected({ events }: EventsArrived): readonly Outgoing[] {
    const { plan, sender } = this.#work;
    const seen = sender.seen(events);
    const { filter } = plan;
    if (filter === undefined) return seen;
    const accepted = filter.accepts(seen.map(({ event }) => event));
    const outgoing: Outgoing[] = [];
    seen.forEach((one, index) => {
      if (accepted[index] === true) outgoing.push(one);
      if (++this.#looks >= filter.checkpointInterval) outgoing.push(...this.#checkpointAt(one.event.position));
    });
    return outgoing;
  }

  /** A checkpoint of a filtered subscription: up to there it needs to look no more. */
  #checkpointAt(place: number | null): readonly Outgoing[] {
    this.#looks = 0;
    if (this.#work.plan.filter === undefined || place === null || place === this.#checkpoint) return [];
    this.#checkpoint = place;
    return [{ message: { checkpoint: { ...wirePosition(place), timestamp: this.#now() } } }];
  }

  #caughtUp(): Outgoing {
    return { message: { caught_up: this.#place() } };
  }

  #place(): object {
    const timestamp = this.#now();
    if (this.#at === undefined) return { timestamp };
    const isLog = this.#work.plan.view.name === undefined;
    return { timestamp, ...(isLog ? { position: wirePosition(this.#at) } : { stream_revision: String(this.#at) }) };
  }

  #now(): object {
    return wireTime(this.#work.context.runtime.clock.now());
  }
}
