import { AsyncLocalStorage } from "node:async_hooks";
import { systemChance, type Chance } from "./chance.ts";
import { systemClock, type Clock } from "./clock.ts";
import { createTimeOrderedIds, type Ids } from "./ids.ts";
import { systemScheduler, type Scheduler } from "./scheduler.ts";

/** What the toolkit takes from the world: time, ids, waiting and chance. */
export interface Runtime {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly scheduler: Scheduler;
}

/** The runtime of production. */
export const systemRuntime: Runtime = {
  chance: systemChance,
  clock: systemClock,
  ids: createTimeOrderedIds(systemClock),
  scheduler: systemScheduler,
};

// Made by the first withRuntime: a process that replaces nothing does not pay for the tracking of its promises.
let replaced: AsyncLocalStorage<Runtime> | undefined;

/** The runtime in force here: the innermost {@link withRuntime} around this code, or else {@link systemRuntime}. */
export function currentRuntime(): Runtime {
  return replaced?.getStore() ?? systemRuntime;
}

/**
 * Runs a function, and all that it awaits, with parts of the runtime replaced. Parts that are not named stay as they are.
 * Stores, buses and read models keep the runtime in which they were made.
 *
 * @example
 * await withRuntime({ clock: { now: () => 0, monotonicMs: () => 0 } }, () => accounts.save(account));
 */
export function withRuntime<T>(parts: Partial<Runtime>, run: () => T): T {
  replaced ??= new AsyncLocalStorage<Runtime>();
  const { chance, clock, ids, scheduler } = currentRuntime();
  const runtime = {
    chance: parts.chance ?? chance,
    clock: parts.clock ?? clock,
    ids: parts.ids ?? idsOf(parts, ids),
    scheduler: parts.scheduler ?? scheduler,
  };
  return replaced.run(runtime, run);
}

/** A replaced clock also dates the ids, unless they were replaced before. */
function idsOf(parts: Partial<Runtime>, current: Ids): Ids {
  return parts.clock !== undefined && current === systemRuntime.ids ? createTimeOrderedIds(parts.clock) : current;
}
