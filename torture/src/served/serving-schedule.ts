import { Random } from "../random.ts";
import type { Fate } from "./consumers/fates.ts";

/** When a process with consumers is killed: so long after what comes before. */
export interface ConsumerKill {
  readonly slot: number;
  readonly afterMs: number;
}

/** When a server is killed. */
export interface ServerKill {
  /** Which one. */
  readonly server: number;
  readonly afterMs: number;
  /** What a consumer is to do just before, or that what is parked is replayed meanwhile. */
  readonly behind: Fate | "replay" | undefined;
  readonly consumerKills: readonly ConsumerKill[];
}

export interface ServingPlan {
  readonly kills: number;
  readonly servers: number;
  readonly processes: number;
}

const [LEAST_MS, MOST_MS] = [150, 900];
const BEHIND = [undefined, "replay", "park", "retry", "leave"] as const;
const CONSUMER_KILL_CHANCE = 0.6;
const LONGEST_MS = 500;

/** The kills of a run, from its seed alone. */
export function servingSchedule(seed: number, { kills, servers, processes }: ServingPlan): readonly ServerKill[] {
  const random = Random.of(seed, "serving");
  return Array.from({ length: kills }, () => ({
    server: random.integer(0, servers - 1),
    afterMs: random.integer(LEAST_MS, MOST_MS),
    behind: processes === 0 ? undefined : random.pick(BEHIND),
    consumerKills: Array.from({ length: processes }, (_, slot) => ({
      slot,
      isKilled: random.chance(CONSUMER_KILL_CHANCE),
      afterMs: random.integer(0, LONGEST_MS),
    })).filter(({ isKilled }) => isKilled),
  }));
}
