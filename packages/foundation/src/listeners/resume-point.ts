import { InvalidArgument, type Position, type Version } from "@reactive-domain/core";
import { after, AheadOfLog, type After, type CallOptions, type Direction } from "@reactive-domain/persistence";
import { checkCheckpoint, isNowhere, type Checkpoint } from "./checkpoint.ts";
import { FeedNotFound } from "./errors.ts";
import { filterOf, type EventFeed, type FeedStart } from "./event-feed.ts";
import { headOf } from "./lag.ts";

/** Where a feed may be begun: with its first event, with the next that is written, or behind a place. */
export type From = "start" | "end" | After<Position> | After<Version> | Checkpoint;

/** Where a feed begins, and what lies behind it by then. */
export interface ResumePoint {
  readonly from: FeedStart["from"];
  readonly checkpoint: Checkpoint;
}

/** A feed that nothing came of yet. */
export function beginningOf({ name }: EventFeed): Checkpoint {
  return { feed: name, version: null, position: null };
}

/** What lies behind a feed as far as that is known before the store is asked. */
export function knownBehind(feed: EventFeed, from: From): Checkpoint {
  if (typeof from !== "object" || from === null) return beginningOf(feed);
  return "after" in from ? behind(feed, from).checkpoint : from;
}

/** What is wanted of the beginning. */
export interface WantedStart {
  readonly from: From;
  /** Whether something has to be there. */
  readonly mustExist: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Works out where a feed begins. The end is looked up now: nothing is passed over that is written before the first event is delivered, and who goes on later, goes on
 * from there.
 *
 * Errors: `feed-not-found`; `ahead-of-log`; `invalid-argument` for a place that is none, or one of another feed; those of the store.
 */
export async function resumePoint(feed: EventFeed, { from, mustExist, signal }: WantedStart): Promise<ResumePoint> {
  checkFrom(feed, from);
  const options = signal === undefined ? {} : { signal };
  if (mustExist && !(await exists(feed, options))) throw new FeedNotFound(feed.name);
  if (from === "start") return { from, checkpoint: beginningOf(feed) };
  if (from === "end") {
    const end = await endOf(feed, options);
    return end === undefined ? { from: "start", checkpoint: beginningOf(feed) } : behind(feed, end);
  }
  const point = "after" in from ? behind(feed, from) : await behindCheckpoint(feed, from, options);
  await refuseAheadOfStream(feed, point.from, options);
  return point;
}

async function behindCheckpoint(feed: EventFeed, from: Checkpoint, options: CallOptions): Promise<ResumePoint> {
  if (isNowhere(from)) return { from: "start", checkpoint: beginningOf(feed) };
  const { version, position } = from;
  const place = await placeBehind(feed, from, options);
  const known = "stream" in feed.source && place !== "start" ? place.after : version;
  return { from: place, checkpoint: { feed: feed.name, version: known as Version | null, position } };
}

/** Errors: `invalid-argument`. */
export function checkFrom(feed: EventFeed, from: From): void {
  if (from === "start" || from === "end") return;
  if (typeof from !== "object" || from === null) throw new InvalidArgument("from", '"start", "end", after(…) or a checkpoint', from);
  if ("after" in from) {
    if (!Number.isSafeInteger(from.after) || from.after < 0) throw new InvalidArgument("from.after", "an integer from 0", from.after);
    return;
  }
  checkCheckpoint(from);
  if (from.feed !== feed.name) throw new InvalidArgument("from", `a checkpoint of ${feed.name}`, from.feed);
  if (!("stream" in feed.source) && from.position === null && from.version !== null)
    throw new InvalidArgument(`The checkpoint of ${feed.name}`, "one with a position, as the feed has more than one stream", from.version);
}

/** Whether the store has anything of a feed: for a stream, whether it is there. Errors: those of the store. */
export async function exists(feed: EventFeed, options: CallOptions): Promise<boolean> {
  for await (const { events, lastVersion } of feed.store.read(feed.source, { ...options, ...filterOf(feed), limit: 1 }).batches())
    if (events.length > 0 || typeof lastVersion === "number") return true;
  return false;
}

/** Behind a place that was counted as the feed counts. */
function behind(feed: EventFeed, from: After<Position> | After<Version>): ResumePoint {
  const isStream = "stream" in feed.source;
  const checkpoint = {
    feed: feed.name,
    version: isStream ? (from.after as Version) : null,
    position: isStream ? null : (from.after as Position),
  };
  return { from, checkpoint };
}

/** Where a read begins. Errors: `invalid-argument`, those of the store. */
export async function readFrom(
  feed: EventFeed,
  { from, direction }: { readonly from: From; readonly direction: Direction },
  options: CallOptions,
): Promise<FeedStart["from"] | "end"> {
  if (from === "start" || from === "end" || "after" in from) return from;
  if (isNowhere(from)) return direction === "forwards" ? "start" : "end";
  if (direction === "backwards" && "stream" in feed.source && from.version === null)
    throw new InvalidArgument("from", "a checkpoint with a version, to read a stream backwards", from.position);
  return placeBehind(feed, from, options);
}

async function placeBehind(feed: EventFeed, { version: known, position }: Checkpoint, options: CallOptions): Promise<FeedStart["from"]> {
  if (!("stream" in feed.source)) return after(position as Position);
  if (known !== null) return after(known);
  const head = await headOf(feed.store, options);
  if ((position as Position) > (head ?? -1)) throw new AheadOfLog(`The checkpoint of ${feed.name}`, position as Position, head);
  // Which of its events that is only the store knows.
  const read = feed.store.read(feed.source, { ...options, direction: "backwards", limit: 1, upTo: { position: position as Position } });
  for await (const event of read) return after(event.version);
  return "start";
}

/** What a stream has not come to belongs to another one, or to one that was lost: waiting for it would pass over what is written meanwhile. */
async function refuseAheadOfStream({ name, source, store }: EventFeed, from: FeedStart["from"], options: CallOptions): Promise<void> {
  if (from === "start" || !("stream" in source)) return;
  const { lastVersion } = await store.streamInfo(source.stream, options);
  if (from.after > (lastVersion ?? -1)) throw new AheadOfLog(`The checkpoint of ${name}`, from.after, lastVersion, "version");
}

/** The last place of a feed; nothing where there is none yet. */
async function endOf({ source, store }: EventFeed, options: CallOptions): Promise<After<Version> | After<Position> | undefined> {
  if ("stream" in source) {
    const { lastVersion } = await store.streamInfo(source.stream, options);
    return lastVersion === null ? undefined : after(lastVersion);
  }
  const head = await headOf(store, options);
  return head === null ? undefined : after(head);
}
