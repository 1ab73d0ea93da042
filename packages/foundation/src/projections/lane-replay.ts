import { sleep, yieldToLoop } from "@reactive-domain/core";
import type { ProjectionEntry } from "@reactive-domain/persistence";
import type { EventFeed } from "../listeners/event-feed.ts";
import { PieceFailed } from "./errors.ts";
import { errorText } from "./error-text.ts";
import type { Lane } from "./lane.ts";
import { entriesOf } from "./lane-entries.ts";
import { eventAt } from "./parked-events.ts";
import type { PreparedEvent, Task } from "./task.ts";
import type { Preparation } from "./preparation.ts";

/** What a replay needs. */
export interface ReplaySetting<C> {
  readonly lane: Lane<C>;
  readonly lanes: number;
  readonly feed: EventFeed;
  readonly preparation: Preparation<C>;
}

/** Learns which keys of a lane are blocked, and does again what is to be tried again, with what waits behind it: key by key, in the order of the log. */
export async function replayLane<C>(setting: ReplaySetting<C>): Promise<void> {
  const { lane, lanes } = setting;
  const { store, guard, policy, signal, runtime } = lane.setting;
  const known = await entriesOf(store, guard, { states: ["parked", "waiting", "replay"], lane: lane.lane, lanes });
  const byKey = new Map<string, ProjectionEntry[]>();
  for (const entry of known) {
    const ofKey = byKey.get(entry.key);
    if (ofKey === undefined) byKey.set(entry.key, [entry]);
    else ofKey.push(entry);
  }
  if (policy.waitsBehindParked) for (const key of byKey.keys()) lane.entries.blocked.add(key);
  for (const [key, entries] of byKey) {
    await yieldToLoop({ runtime });
    signal.throwIfAborted();
    const isFree = await replayKey(entries, setting);
    if (isFree) lane.entries.blocked.delete(key);
  }
}

/** Whether nothing of the key is left. */
async function replayKey<C>(entries: readonly ProjectionEntry[], setting: ReplaySetting<C>): Promise<boolean> {
  const { waitsBehindParked } = setting.lane.setting.policy;
  let isFree = true;
  for (const entry of entries) {
    // Behind a parked one nothing is done, unless it may pass.
    setting.lane.setting.signal.throwIfAborted();
    if (entry.state === "parked") isFree = false;
    else if (isFree || !waitsBehindParked) isFree = (await replayEntry(entry, setting)) && isFree;
  }
  return isFree;
}

/** Does the tasks of an entry, as often as they may fail; tells whether it is done. Where it is not, it is parked. */
async function replayEntry<C>(entry: ProjectionEntry, setting: ReplaySetting<C>): Promise<boolean> {
  const { lane } = setting;
  const { policy, runtime, signal } = lane.setting;
  for (let attempts = 1; ; attempts++) {
    const error = await tryEntry(entry, setting);
    if (error === undefined) return true;
    const isLast = attempts >= policy.backoff.attempts;
    const state = isLast ? "parked" : "replay";
    lane.entries.put({ position: entry.position, key: entry.key, state, attempts, error: errorText(error), size: 1 });
    await lane.send([], 0);
    if (isLast) return false;
    await sleep(policy.backoff.delayMs(attempts), { runtime, signal });
  }
}

/** Why it failed; nothing where it is done. Errors: those of the store. */
async function tryEntry<C>(entry: ProjectionEntry, { lane, feed, preparation }: ReplaySetting<C>): Promise<unknown> {
  const recorded = await eventAt(feed, entry.position);
  if (recorded === undefined) return new Error("The event is not in the log any more: it was scavenged.");
  const event = await preparation.prepare(recorded);
  if (event.unreadable !== undefined) return event.unreadable.error ?? new Error("It could not be read.");
  // What could not be read had the key of its stream: all of it is to be done now.
  const own = event.tasks.filter(({ key }) => key === entry.key);
  const tasks = own.length === 0 && entry.key === recorded.stream ? tasksBeside(entry, event, lane) : own;
  if (tasks.length === 0 && event.tasks.length > 0 && entry.key !== recorded.stream)
    return new Error(
      `It does not go to ${entry.key} any more, but to ${event.tasks.map(({ key }) => key).join(", ")}: rebuild the projection.`,
    );
  await lane.work.load([event]);
  const [failure] = lane.work.take(event, tasks);
  if (failure !== undefined) {
    lane.forget();
    return failure.error;
  }
  lane.entries.settle(entry);
  try {
    await lane.send([], tasks.length === 0 ? 0 : 1);
    return undefined;
  } catch (error) {
    lane.forget();
    if (error instanceof PieceFailed) return error.cause;
    throw error;
  }
}

/** The tasks of an event that could not be read before: those whose keys are blocked wait on under these. */
function tasksBeside<C>({ position }: ProjectionEntry, { tasks }: PreparedEvent<C>, lane: Lane<C>): readonly Task<C>[] {
  const { blocked } = lane.entries;
  for (const { key } of tasks)
    if (blocked.has(key))
      lane.entries.put({ position, key, state: "waiting", attempts: 0, error: "waits behind a parked event of its key", size: 1 });
  return tasks.filter(({ key }) => !blocked.has(key));
}
