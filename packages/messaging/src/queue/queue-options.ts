import { checkObject, InvalidArgument } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import { checkFunction } from "../middleware/check-option.ts";

/** What a queue does with a message that comes while it is full. */
export type WhenFull = "wait" | "refuse" | "dropOldest";

/** A message, or a batch of them, whose handler threw. */
export interface QueueFailure<M extends MessageBase = MessageBase> {
  /** The queue's name. */
  readonly queue: string;
  /** One message, or those of the batch. */
  readonly messages: readonly M[];
  readonly error: unknown;
}

/** What all queues may be told. */
export interface QueueOptions<M extends MessageBase, L extends string = string> {
  /** How many messages may wait. An integer from 1 to 10 000 000; those in progress do not count. Default 1 000. */
  readonly capacity?: number;
  /**
   * What happens to a message that comes while the queue is full. `wait`, the default: its sender waits for room. `refuse`: its sender gets `queue-full`.
   * `dropOldest`: it takes the place of the message that has waited longest in the least urgent lane that has any; when all that wait are more urgent, it
   * is dropped itself.
   */
  readonly whenFull?: WhenFull;
  /** How many messages, or batches, may be with the handler at once. An integer from 1 to 10 000. Default 1, which keeps their order. */
  readonly parallelism?: number;
  /**
   * The key of a message, compared as the keys of a `Map` are. Messages of one key (and lane) are handled one after another, or in one batch after another, in
   * their order; those of different keys at once, as far as `parallelism` goes. A promise is no key. Default: no keys.
   */
  readonly partitionBy?: (message: M) => unknown;
  /** The names of the lanes, the most urgent first. Waiting messages of a lane begin, and are let in, before those of the next. */
  readonly lanes?: readonly L[];
  /** The lane of a message. Default: the last. */
  readonly laneOf?: (message: M) => NoInfer<L>;
  /**
   * Whether a message whose id is that of the message before it is skipped, unless that one failed; `run` answers with what that one answers, and its own signal
   * is not heard: that of the message before it stands for both. Where there are keys, "before it" means of its key, for the last keys that had messages, as many
   * as the capacity says. Default `false`.
   */
  readonly skipRepeated?: boolean;
  /**
   * How long no message and no reader may end, in milliseconds, before those who wait for the queue are told `queue-stalled`: at the latest after twice that time.
   * From 1, or `Infinity`. Default 60 000.
   */
  readonly stallAfterMs?: number;
  /** Hears what handlers throw. Default: a process warning for messages that no caller of `run` waits for. What it throws itself is a warning, too, beside the failure. */
  readonly onFailure?: (failure: QueueFailure<M>) => unknown;
}

/** {@link QueueOptions} with all defaults, checked. */
export interface QueueSettings<M extends MessageBase> {
  readonly name: string;
  readonly capacity: number;
  readonly whenFull: WhenFull;
  readonly parallelism: number;
  /** By name, the numbers of the lanes, from 0. */
  readonly lanes: ReadonlyMap<string, number>;
  /** Without names there is one lane. */
  readonly laneCount: number;
  readonly laneOf: ((message: M) => string) | undefined;
  readonly partitionBy: ((message: M) => unknown) | undefined;
  readonly batch: BatchSize | undefined;
  readonly skipRepeated: boolean;
  readonly stallAfterMs: number;
  readonly onFailure: ((failure: QueueFailure<M>) => unknown) | undefined;
}

/** When waiting messages become a batch: as soon as one of both is reached. */
export interface BatchSize {
  /** An integer from 1 to the queue's capacity. */
  readonly maxMessages: number;
  /** How long the oldest message waits for others, in milliseconds, from 0. */
  readonly maxWaitMs: number;
}

const MAX_CAPACITY = 10_000_000;
const MAX_PARALLELISM = 10_000;
const POLICIES: ReadonlySet<string> = new Set<WhenFull>(["wait", "refuse", "dropOldest"]);

/** Fills in the defaults. Errors: `invalid-argument`. */
export function queueSettings<M extends MessageBase>(name: string, options: QueueOptions<M>, batch?: BatchSize): QueueSettings<M> {
  if (typeof name !== "string" || name.trim() === "") throw new InvalidArgument("The name of a queue", "text that is not blank", name);
  checkObject(`The options of ${name}`, options);
  const { capacity = 1_000, whenFull = "wait", parallelism = 1, stallAfterMs = 60_000, skipRepeated = false } = options;
  checkInteger(`capacity of ${name}`, capacity, MAX_CAPACITY);
  checkInteger(`parallelism of ${name}`, parallelism, MAX_PARALLELISM);
  if (!POLICIES.has(whenFull)) throw new InvalidArgument(`whenFull of ${name}`, [...POLICIES].join(", "), whenFull);
  if (typeof stallAfterMs !== "number" || !(stallAfterMs >= 1)) {
    throw new InvalidArgument(`stallAfterMs of ${name}`, "a number from 1, or Infinity", stallAfterMs);
  }
  if (typeof skipRepeated !== "boolean") throw new InvalidArgument(`skipRepeated of ${name}`, "true or false", skipRepeated);
  if (batch !== undefined) checkBatch(name, batch, capacity);
  const { laneOf, partitionBy, onFailure } = options;
  for (const [option, value] of Object.entries({ laneOf, partitionBy, onFailure })) checkFunction(`${option} of ${name}`, value);
  const lanes = lanesOf(name, options);
  const laneCount = Math.max(1, lanes.size);
  return { name, capacity, whenFull, parallelism, lanes, laneCount, laneOf, partitionBy, batch, skipRepeated, stallAfterMs, onFailure };
}

function lanesOf<M extends MessageBase>(name: string, { lanes = [], laneOf }: QueueOptions<M>): ReadonlyMap<string, number> {
  if (!Array.isArray(lanes) || !lanes.every((lane) => typeof lane === "string" && lane.trim() !== ""))
    throw new InvalidArgument(`lanes of ${name}`, "a list of names that are not blank", lanes);
  const numbers = new Map(lanes.map((lane, number) => [lane, number]));
  if (numbers.size < lanes.length) throw new InvalidArgument(`lanes of ${name}`, "names of which each occurs once", lanes.join(", "));
  if (laneOf !== undefined && numbers.size === 0) throw new InvalidArgument(`lanes of ${name}`, "given where laneOf is", lanes);
  return numbers;
}

function checkBatch(name: string, { maxMessages, maxWaitMs }: BatchSize, capacity: number): void {
  checkInteger(`maxMessages of ${name}`, maxMessages, capacity);
  if (!Number.isFinite(maxWaitMs) || maxWaitMs < 0) throw new InvalidArgument(`maxWaitMs of ${name}`, "a number from 0", maxWaitMs);
}

function checkInteger(what: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max) throw new InvalidArgument(what, `an integer from 1 to ${max}`, value);
}
