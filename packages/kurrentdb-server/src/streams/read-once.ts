import { position, version } from "@reactive-domain/core";
import { after, at, type EventBatch, type ReadOptions } from "@reactive-domain/persistence";
import type { Edge } from "../projections/projections.ts";
import { isEmptied } from "../views/held-metadata.ts";
import type { SeenEvent } from "../views/view.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import { wirePosition } from "../wire/places.ts";
import { wireStream } from "../wire/stream-name.ts";
import type { ReadPlan } from "./read-plan.ts";
import { edgeOf, infoOf, lastShown, shownBy, type ReadWork } from "./read-work.ts";

/** Reads what is there, page by page. */
export async function readOnce(work: ReadWork): Promise<void> {
  if (work.plan.limit === 0) return;
  if (work.plan.view.onlyEntry !== undefined) await readOnly(work, work.plan.view.onlyEntry);
  else await readPages(work);
}

async function readPages(work: ReadWork): Promise<void> {
  const { context, plan, sender } = work;
  let remaining = plan.limit ?? Number.POSITIVE_INFINITY;
  let last: EventBatch | undefined;
  let lastSeen: SeenEvent | undefined;
  const edge = await edgeOf(work);
  for await (const batch of context.store.read(plan.view.source, readOptions(work, edge)).batches()) {
    if (batch.lastVersion === null) return last === undefined ? tellMissing(work) : undefined;
    const seen = selected(plan, sender.seen(batch.events)).slice(0, remaining);
    if (last === undefined) await tellFirst(work, seen);
    await sender.send(seen);
    last = batch;
    lastSeen = seen.at(-1) ?? lastSeen;
    remaining -= seen.length;
    if (remaining === 0) break;
  }
  await tellEnd(work, { last, lastSeen, isCut: remaining === 0, edge });
}

function readOptions({ context, plan, signal }: ReadWork, edge: Edge | undefined): ReadOptions {
  const { pageEvents, pageBytes } = context.limits;
  // How many events have to be read until so many are let through, nobody knows.
  const limit = plan.filter === undefined && plan.view.isSparse !== true ? plan.limit : undefined;
  return {
    direction: plan.direction,
    from: startOf(plan),
    signal,
    maxBatchEvents: pageEvents,
    maxBatchBytes: pageBytes,
    ...shownBy(plan.view, edge),
    ...(limit !== undefined && { limit }),
  };
}

/** Streams are read from a revision inclusively, both ways; the log from a position forwards inclusively, backwards exclusively. */
function startOf({ from, direction, view }: ReadPlan): NonNullable<ReadOptions["from"]> {
  const isLog = view.name === undefined;
  if (from === "end") return "end";
  // Backwards, the start of a stream is its first event, and the start of the log is before it.
  if (from === "start") return direction === "forwards" || isLog ? "start" : at(version(0));
  const place = view.revision === "version" ? version(from) : position(from);
  return isLog && direction === "backwards" ? after(place) : at(place);
}

function selected({ filter }: ReadPlan, seen: readonly SeenEvent[]): readonly SeenEvent[] {
  if (filter === undefined) return seen;
  const accepted = filter.accepts(seen.map(({ event }) => event));
  return seen.filter((_one, index) => accepted[index]);
}

async function readOnly(
  work: ReadWork,
  onlyEntry: (store: ReadWork["context"]["store"], signal: AbortSignal) => Promise<ReadEntry | undefined>,
): Promise<void> {
  const { context, plan, sender, signal } = work;
  await infoOf(work, plan.view);
  const entry = await onlyEntry(context.store, signal);
  const event = entry?.event;
  if (entry === undefined || event === undefined) return tellMissing(work);
  if (isAsked(plan, event.version)) await sender.sendEntries([entry]);
  if (plan.tellsPlaces) await sender.send([{ message: { last_stream_position: String(event.version) } }]);
  return undefined;
}

function isAsked({ from, direction }: ReadPlan, place: number): boolean {
  if (direction === "forwards") return from === "start" || (from !== "end" && from <= place);
  return from === "end" || (from === "start" ? place === 0 : from >= place);
}

async function tellMissing(work: ReadWork): Promise<void> {
  const { view } = work.plan;
  const info = await infoOf(work, view);
  if (info !== undefined && info.stream === view.name && isEmptied(info)) return;
  await work.sender.send([{ message: { stream_not_found: { stream_identifier: wireStream(view.name ?? "") } } }]);
}

/** Tells the first revision of a stream, where its earlier ones are hidden or gone. */
async function tellFirst({ plan, sender }: ReadWork, [first]: readonly SeenEvent[]): Promise<void> {
  if (!plan.tellsPlaces || plan.view.revision !== "version" || plan.direction === "backwards" || first === undefined) return;
  const asked = plan.from === "start" ? 0 : plan.from;
  if (asked !== "end" && first.event.version > asked)
    await sender.send([{ message: { first_stream_position: String(first.event.version) } }]);
}

/** How a read of pages came to its end. */
interface ReadEnd {
  readonly last: EventBatch | undefined;
  readonly lastSeen: SeenEvent | undefined;
  /** Whether the client wanted no more. */
  readonly isCut: boolean;
  readonly edge: Edge | undefined;
}

/** What follows the last event: links to nothing are a missing stream, and who asked is told where the source ends. */
async function tellEnd(work: ReadWork, end: ReadEnd): Promise<void> {
  const { view, tellsPlaces } = work.plan;
  const { last, lastSeen } = end;
  if (view.name === undefined) return tellsPlaces ? tellEndOfLog(work, last) : undefined;
  if (view.revision === "version") return tellsPlaces ? tellLast(work, last?.lastVersion ?? undefined) : undefined;
  if (lastSeen === undefined) return tellEndOfNothing(work, end);
  return tellsPlaces ? tellLast(work, await lastRevision(work, end)) : undefined;
}

async function tellEndOfNothing(work: ReadWork, { edge }: ReadEnd): Promise<void> {
  const { direction, from, tellsPlaces } = work.plan;
  const isWhole = from === (direction === "forwards" ? "start" : "end");
  const revision = isWhole ? undefined : await lastShown(work, edge);
  if (revision === undefined) return tellMissing(work);
  return tellsPlaces ? tellLast(work, revision) : undefined;
}

/** The last revision of a view. Of one that is sparse it is told where the read came to it: to look for it could be to look at the whole log. */
async function lastRevision(work: ReadWork, { lastSeen, isCut, edge }: ReadEnd): Promise<number | undefined> {
  const { view, direction } = work.plan;
  if (view.isSparse !== true) return lastShown(work, edge);
  return direction === "forwards" && !isCut ? lastSeen?.event.version : undefined;
}

async function tellLast({ sender }: ReadWork, revision: number | undefined): Promise<void> {
  if (revision !== undefined) await sender.send([{ message: { last_stream_position: String(revision) } }]);
}

async function tellEndOfLog({ sender }: ReadWork, last: EventBatch | undefined): Promise<void> {
  const head = last?.head ?? null;
  if (head !== null) await sender.send([{ message: { last_all_stream_position: wirePosition(head) } }]);
}
