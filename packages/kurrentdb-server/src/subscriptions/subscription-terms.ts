import type { FilterOptions } from "../filters/log-filter.ts";
import type { SubscriptionKey } from "./subscriptions.ts";
import { subscriptionFailed } from "./subscription-refusals.ts";

/** How events are given to the consumers of a persistent subscription. */
export type ConsumerStrategy = "DispatchToSingle" | "RoundRobin" | "Pinned" | "PinnedByCorrelation";

/** What can be set about a persistent subscription, also later. */
export interface SubscriptionSettings {
  readonly resolvesLinks: boolean;
  readonly extraStatistics: boolean;
  /** How long a consumer may take, in milliseconds; 0 for as long as it wants. */
  readonly messageTimeoutMs: number;
  /** How often an event comes again before it is parked. */
  readonly maxRetryCount: number;
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  /** The most settlements of one write. */
  readonly maxCheckpointCount: number;
  /** 0 for any number. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: ConsumerStrategy;
}

/** Where a subscription begins: a revision of its stream, or a position of the log, inclusively. */
export type SubscriptionStart = "start" | "end" | number;

/** What a persistent subscription is made with. */
export interface SubscriptionTerms {
  readonly settings: SubscriptionSettings;
  readonly start: SubscriptionStart;
  /** Of `$all` alone. */
  readonly filter?: FilterOptions;
}

const STRATEGIES: ReadonlySet<string> = new Set<ConsumerStrategy>(["DispatchToSingle", "RoundRobin", "Pinned", "PinnedByCorrelation"]);
/** The least that each number can be. */
const LEAST = {
  messageTimeoutMs: 0,
  maxRetryCount: 0,
  checkpointAfterMs: 0,
  minCheckpointCount: 0,
  maxCheckpointCount: 1,
  maxSubscriberCount: 0,
  liveBufferSize: 1,
  readBatchSize: 1,
  historyBufferSize: 1,
} as const satisfies Partial<Record<keyof SubscriptionSettings, number>>;

/** Errors: persistent subscription failed, with the first reason. */
export function checkSettings(key: SubscriptionKey, settings: SubscriptionSettings): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const value = settings[name as keyof typeof LEAST];
    if (!Number.isSafeInteger(value) || value < least)
      throw subscriptionFailed(key, `${name} must be an integer from ${least}, but is ${value}.`);
  }
  const { minCheckpointCount, maxCheckpointCount, readBatchSize, historyBufferSize, strategy } = settings;
  if (minCheckpointCount > maxCheckpointCount)
    throw subscriptionFailed(
      key,
      `The lower bound of checkpoints must not be above the upper bound, but is ${minCheckpointCount}, and that ${maxCheckpointCount}.`,
    );
  if (readBatchSize > historyBufferSize)
    throw subscriptionFailed(
      key,
      `readBatchSize must not be above historyBufferSize, but is ${readBatchSize}, and that ${historyBufferSize}.`,
    );
  if (!STRATEGIES.has(strategy))
    throw subscriptionFailed(key, `There is no consumer strategy ${strategy}. Take one of ${[...STRATEGIES].join(", ")}.`);
}
