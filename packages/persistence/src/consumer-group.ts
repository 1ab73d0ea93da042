import type { Position } from "@reactive-domain/core";
import type { Fence } from "./lease.ts";
import type { After, CallOptions, EventFilter, ReadSource } from "./read.ts";
import type { RecordedEvent } from "./recorded-event.ts";

/** What a group takes and how. It is stored, and the same for all of its consumers. */
export interface GroupDefinition {
  readonly source: ReadSource;
  readonly filter?: EventFilter;
  /** Where the group begins, in positions of the log, also for one stream. Default `start`. */
  readonly from?: "start" | "end" | After<Position>;
  /**
   * Events that share this are handled in the order of the log: those behind one that is not settled wait for it. `none` lets all events overtake each other.
   * Default `stream`.
   */
  readonly orderBy?: "stream" | "correlation" | "none";
  /** What becomes of the events behind a parked one that share its key: they wait until it is replayed, or pass it by. Default `wait`. */
  readonly behindParked?: "wait" | "pass";
  /** How often an event is delivered before it is parked. An integer from 1. Default 5. See {@link GroupDefinition.afterLoss} for those whose consumer goes away. */
  readonly maxAttempts?: number;
  /**
   * What becomes of events that were with others when their consumer went away: each comes `alone` once more, so that the one that kills its consumers is found, or all come
   * `together`, as they did before; after the last attempt they are parked then, whichever of them did it. Default `alone`.
   */
  readonly afterLoss?: "alone" | "together";
  /** The wait before the second delivery, in milliseconds, from 0; it doubles with each further one. Default 1,000. */
  readonly retryDelayMs?: number;
  /** The longest wait between two deliveries, in milliseconds, not below `retryDelayMs`. Default 60,000. */
  readonly maxRetryDelayMs?: number;
  /** How many events may be under way or wait behind others, from 1. A group that is full takes nothing new from the log until some are settled. Default 10,000. */
  readonly maxUnsettled?: number;
}

export interface ClaimOptions extends CallOptions {
  /** Who asks, 1 to 256 characters: shown to those who look for what hangs. */
  readonly consumer: string;
  /** The most deliveries, 1 to 1,000. Default 1. */
  readonly maxEvents?: number;
  /** How long they are the consumer's, in milliseconds, from 1 to 365 days. Then they go to others, unless they are settled or {@link ConsumerGroups.extend}ed. Default 30,000. */
  readonly leaseMs?: number;
  /** How long to wait for something to deliver, in milliseconds, from 0. Default 0: answer at once. */
  readonly waitMs?: number;
}

/** What names a delivery. */
export interface DeliveryRef {
  /** That of its event. */
  readonly position: Position;
  readonly fence: Fence;
}

/** An event that is a consumer's to handle until its lease ends. */
export interface Delivery extends DeliveryRef {
  readonly group: string;
  readonly event: RecordedEvent;
  /** Which delivery of this event it is, from 1. It is counted before the consumer gets it: an event that kills its consumers is parked all the same. */
  readonly attempt: number;
  /** When the lease ends, by the store's clock. */
  readonly until: Date;
}

/** A delivery that was given up, and waits for somebody to look at it. The event itself stays in the log as it was. */
export interface ParkedDelivery {
  readonly event: RecordedEvent;
  /** What was said when it was parked; where its consumers went away, the name of the last of them. */
  readonly error: string;
  readonly attempts: number;
  readonly parkedAt: Date;
}

export interface ParkedOptions extends CallOptions {
  /** Only those behind this position. */
  readonly after?: Position;
  /** The most, from 1. Default 100. */
  readonly limit?: number;
}

export interface ReplayOptions extends CallOptions {
  /** Only those at these positions. Default: all. */
  readonly positions?: readonly Position[];
  /** Only those whose error contains this text. */
  readonly error?: string;
  /** The most, the oldest first, from 1. */
  readonly limit?: number;
}

/** How far a group is. */
export interface GroupStatus {
  readonly name: string;
  readonly definition: GroupDefinition;
  /** Everything up to this position is settled or parked, or not of the group; `null` before anything is. */
  readonly settledUpTo: Position | null;
  /** The position of the last event in the log. */
  readonly head: Position | null;
  /** How many events wait for their turn or their next attempt, of those that were taken from the log. */
  readonly waiting: number;
  /** How many are with a consumer. */
  readonly claimed: number;
  readonly parked: number;
}

/**
 * Named groups of consumers that share the events of a source: each event goes to one of them, and comes again until it is settled. Consumers may crash, and may
 * live in different processes. Deliveries are settled by {@link SettleItem}s of a write, together with what handling led to.
 */
export interface ConsumerGroups {
  /**
   * Makes a group; tells whether it was new. The same definition again changes nothing.
   *
   * Errors: `group-exists` where its definition is another, `ahead-of-log` where it is to begin behind the end of the log, `invalid-argument`.
   */
  create(name: string, definition: GroupDefinition, options?: CallOptions): Promise<boolean>;
  /** Forgets a group with all that it has under way or parked; tells whether there was one. One of the same name that is made later does not know its deliveries. */
  delete(name: string, options?: CallOptions): Promise<boolean>;
  /** All groups, by name. */
  list(options?: CallOptions): Promise<readonly GroupStatus[]>;
  /** Errors: `group-not-found`. */
  status(name: string, options?: CallOptions): Promise<GroupStatus>;
  /**
   * Takes events to handle, in the order of the log; none where nothing is to be had in time. Several events of one key may come together: settle them in order.
   * One that was with a consumer that went away comes alone, to a consumer that holds nothing else, which gets no more until that is settled; what the one that went
   * away held behind it, of its key, is released.
   *
   * Errors: `group-not-found`, `invalid-argument`.
   */
  claim(name: string, options: ClaimOptions): Promise<readonly Delivery[]>;
  /** Holds on to deliveries, from now; none becomes shorter. Errors: `group-not-found`; `delivery-lost` when one of them is not the caller's any more: then none is extended. */
  extend(name: string, deliveries: readonly DeliveryRef[], options: { readonly leaseMs: number } & CallOptions): Promise<void>;
  /** What was given up, in the order of the log. Errors: `group-not-found`. */
  parked(name: string, options?: ParkedOptions): Promise<readonly ParkedDelivery[]>;
  /**
   * Has parked events delivered again, with their attempts counted anew; tells how many. Later events of their keys that are under way are released.
   *
   * Errors: `group-not-found`, `invalid-argument`.
   */
  replayParked(name: string, options?: ReplayOptions): Promise<number>;
}
