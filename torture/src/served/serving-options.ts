import { RESUME_SABOTAGES, type ResumeSabotage } from "./client-subscriber.ts";
import { CONSUMER_SABOTAGES, type ConsumerSabotage } from "./consumers/sabotages.ts";

export interface ServingOptions {
  /** The kind of store behind the server, or `kind:server`. */
  readonly store: string;
  /** How often a server is killed. */
  readonly kills: number;
  readonly seed: number;
  /** How many servers there are on the store. Default 1. */
  readonly servers?: number;
  /** How many processes consume persistent subscriptions. Default 2. */
  readonly consumers?: number;
  /** The name of a planted fault. */
  readonly sabotage?: ServingSabotage | undefined;
  /** How long nothing may become of what is left at the end. Default a minute. */
  readonly patienceMs?: number;
}

/** Faults that can be planted: of a subscriber that goes on one event too early or too late, and of consumers. */
export type ServingSabotage = ResumeSabotage | ConsumerSabotage;

/** The names of all faults that can be planted. */
export const SERVING_SABOTAGES: readonly ServingSabotage[] = [...RESUME_SABOTAGES, ...CONSUMER_SABOTAGES];
