import { checkKeys, InvalidArgument, type Position } from "@reactive-domain/core";
import { isThenable } from "@reactive-domain/messaging";
import {
  ProjectionChanged,
  type EntryRef,
  type GenerationRecord,
  type ProjectionAmendment,
  type ProjectionRecord,
  type ProjectionStore,
} from "@reactive-domain/persistence";
import { filterOf, type EventFeed } from "../listeners/event-feed.ts";
import { keyOfText } from "./item-key.ts";
import { heldStill } from "./held-still.ts";
import { entriesOf } from "./lane-entries.ts";
import { laneOf } from "./lane-of.ts";
import { Preparation } from "./preparation.ts";
import { liveOf } from "./projection-place.ts";
import type { Projection } from "./projection.ts";
import type { TablePlace } from "./table-place.ts";
import type { PreparedEvent, Task } from "./task.ts";

export interface RebuildKeyOptions {
  /** Where all events of the key are, like the stream of its aggregate. Default: all of the projection's events, which are read from the first. */
  readonly feed?: EventFeed;
  readonly signal?: AbortSignal;
}

interface Parts<C> {
  readonly projection: Projection<C>;
  readonly feed: EventFeed;
  readonly store: ProjectionStore<C>;
}

/**
 * Makes what a projection has of one key anew, from all of the key's events up to where the live generation is, in one transaction. Parked events of the key are done with it, and what waits
 * behind them. `key` is what the projection's functions tell: of documents the key of the item, of tables what `keyOf` says, or the stream.
 *
 * Errors: `invalid-argument` for tables without `forget`; `projection-changed`; what a handler throws, and then nothing is changed; those of the store.
 */
export async function rebuildKey<C>(parts: Parts<C>, key: string, options: RebuildKeyOptions): Promise<{ readonly events: number }> {
  const { projection, store } = parts;
  checkKeys("options of the rebuild of a key", options, ["feed", "signal"]);
  if (typeof key !== "string" || key === "") throw new InvalidArgument("key", "the key as text", key);
  if (projection.shape.kind === "tables" && projection.forget === undefined)
    throw new InvalidArgument(
      `The projection ${projection.name}`,
      "one that can forget what it made of a key",
      "one without forget",
      "Give it forget, or rebuild it whole.",
    );
  try {
    const record = await store.find(projection.name);
    if (record !== undefined) return await amend(parts, { key, live: liveOf(record), options });
  } catch (error) {
    if (!(error instanceof ProjectionChanged)) throw error;
  }
  // It has moved on meanwhile: it waits for the second time.
  return heldStill(store, projection.name, (record: ProjectionRecord) => amend(parts, { key, live: liveOf(record), options }));
}

interface Wanted {
  readonly key: string;
  readonly live: GenerationRecord;
  readonly options: RebuildKeyOptions;
}

async function amend<C>(parts: Parts<C>, { key, live, options }: Wanted): Promise<{ readonly events: number }> {
  const { projection, store } = parts;
  const lane = laneOf(key, live.lanes.length);
  const upTo = live.lanes[lane] ?? null;
  const tasks = upTo === null ? [] : await tasksUpTo(parts, { key, upTo, options });
  const ref = { projection: projection.name, generation: live.generation };
  const settled: readonly EntryRef[] = (
    await entriesOf(store, ref, { states: ["parked", "waiting", "replay", "failing"], lane, lanes: live.lanes.length, key })
  ).filter(({ position }) => position <= (upTo ?? -1));
  const amendment = { projection: projection.name, lanes: live.lanes, settled };
  await store.amend({ ...amendment, ...partOf(projection, key, tasks) });
  return { events: new Set(tasks.map(({ context }) => context.position)).size };
}

/** What is to be done with all events of a key. */
async function tasksUpTo<C>(
  { projection, feed }: Parts<C>,
  { key, upTo, options }: Pick<Wanted, "key" | "options"> & { readonly upTo: Position },
): Promise<readonly Task<C>[]> {
  const wanted = options.feed ?? feed;
  const preparation = new Preparation(projection, wanted);
  const tasks: Task<C>[] = [];
  const unreadable: PreparedEvent<C>[] = [];
  const { signal } = options;
  const read = wanted.store.read(wanted.source, {
    ...filterOf(wanted),
    upTo: { position: upTo },
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const recorded of read) {
    const event = await preparation.prepare(recorded);
    if (event.unreadable !== undefined) unreadable.push(event);
    for (const task of event.tasks) if (task.key === key) tasks.push(task);
  }
  // What cannot be read may be of the key where others of its stream are.
  const streams = new Set(tasks.map(({ context }) => context.stream));
  const missing = unreadable.find(({ recorded }) => streams.has(recorded.stream));
  if (missing?.unreadable !== undefined) throw missing.unreadable.error;
  return tasks;
}

function partOf<C>(projection: Projection<C>, key: string, tasks: readonly Task<C>[]): Pick<ProjectionAmendment<C>, "documents" | "work"> {
  if (projection.shape.kind === "tables")
    return { work: (connection, table) => runAll([(place) => projection.forget?.(key, place), ...runsOf(tasks)], { connection, table }) };
  const { shape } = projection.shape;
  let item: object | undefined;
  for (const task of tasks) if (task.kind === "documents") item = task.fold(item);
  if (item !== undefined) return { documents: { shape, puts: [item], deletes: [] } };
  return { documents: { shape, puts: [], deletes: [keyOfText(key, shape.listing)] } };
}

function runsOf<C>(tasks: readonly Task<C>[]): readonly ((place: TablePlace<C>) => unknown)[] {
  return tasks.flatMap((task) => (task.kind === "tables" ? [task.run] : []));
}

/** One after another; at once where none waits. */
function runAll<C>(runs: readonly ((place: TablePlace<C>) => unknown)[], place: TablePlace<C>): unknown {
  for (const [index, run] of runs.entries()) {
    const waiting = run(place);
    if (isThenable(waiting)) return Promise.resolve(waiting).then(() => runAll(runs.slice(index + 1), place));
  }
  return undefined;
}
