/** Faults of consumers that can be planted. Each has to be found. */
export const CONSUMER_SABOTAGES = ["early-ack", "handle-again", "drop-ack", "skip-parked"] as const;

export type ConsumerSabotage = (typeof CONSUMER_SABOTAGES)[number];

/** The event that nobody acknowledges under `drop-ack`. */
export const DROPPED_KEY = "entry-0#3";

/** Those whose process is killed when they have done their part. */
export function isBeforeKill(sabotage: string | null): boolean {
  return sabotage === "early-ack" || sabotage === "handle-again";
}
