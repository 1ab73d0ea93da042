import { checkKeys, InvalidArgument, type Runtime } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import type { ConsumerStopped } from "./errors.ts";

/** An event that a consumer has parked. */
export interface ParkedNotice {
  readonly event: RecordedEvent;
  /** What the last attempt failed with. */
  readonly error: unknown;
  readonly attempts: number;
}

/** How a consumer works. */
export interface ConsumerOptions {
  /** Its name, 1 to 256 characters, which no other consumer of the group has: a host and a process, say. It is shown to those who look for what hangs. Default: a new id. */
  readonly consumer?: string;
  /** How many handlers are at work at a time, from 1. Events of one key go one after another all the same. Default 16. */
  readonly maxInFlight?: number;
  /** How many events are claimed at once and wait for their turn here, 1 to 1,000. Default: `maxInFlight`, or as many as are acknowledged together where that is more. */
  readonly batch?: number;
  /** How long a delivery is its own without a sign of life, in milliseconds, from 100. It is extended while the process lives. Default 30,000. */
  readonly leaseMs?: number;
  /**
   * `each`: every acknowledgement is a write of its own, and the next event of the key begins when that is durable. `{ upTo }`: those that come while a write is under way share
   * the next one, 1 to 1,000, and handling goes on meanwhile; after a crash more events are handled again. Default `each`.
   */
  readonly acknowledge?: "each" | { readonly upTo: number };
  /** How long a handler may take, in milliseconds, above 0, or `Infinity`. Then its signal aborts, and the attempt has failed. Default 300,000. */
  readonly handlerTimeoutMs?: number;
  /** How long `close` waits for the handlers at work, in milliseconds, from 0, before it aborts their signals. Default 10,000. */
  readonly graceMs?: number;
  /** Closes the consumer when it aborts. */
  readonly signal?: AbortSignal;
  /** Told when the consumer has stopped for good. Not waited for. Default: a warning of the process, whose exit code becomes 1 where it is not set. */
  readonly onFault?: (error: ConsumerStopped) => unknown;
  /** Told of each event that was parked here. Not waited for. Default: only `health` and `parked()` tell. */
  readonly onParked?: (notice: ParkedNotice) => unknown;
  /** Told when the store has interrupted it, each time; it goes on by itself. Not waited for. Default: only its health tells. */
  readonly onInterruption?: (error: Error) => unknown;
}

/** {@link ConsumerOptions} with their defaults. */
export interface WorkerSettings {
  readonly consumer: string;
  readonly maxInFlight: number;
  readonly batch: number;
  readonly leaseMs: number;
  /** 0: each by itself. */
  readonly upTo: number;
  readonly handlerTimeoutMs: number;
  readonly graceMs: number;
}

const MAX_BATCH = 1_000;
const MIN_LEASE_MS = 100;
const KEYS = [
  "consumer",
  "maxInFlight",
  "batch",
  "leaseMs",
  "acknowledge",
  "handlerTimeoutMs",
  "graceMs",
  "signal",
  "onFault",
  "onParked",
  "onInterruption",
];

/** Errors: `invalid-argument`. */
export function workerSettings(options: ConsumerOptions, { ids }: Runtime): WorkerSettings {
  checkKeys("options of a consumer", options, KEYS);
  const { consumer = ids.next(), maxInFlight = 16, leaseMs = 30_000, handlerTimeoutMs = 300_000, graceMs = 10_000 } = options;
  const upTo = checkAcknowledge(options.acknowledge);
  const { batch = Math.min(MAX_BATCH, Math.max(maxInFlight, upTo)) } = options;
  if (typeof consumer !== "string" || consumer === "") throw new InvalidArgument("consumer", "a name", consumer);
  checkCount("maxInFlight", maxInFlight, Number.MAX_SAFE_INTEGER);
  checkCount("batch", batch, MAX_BATCH);
  if (!(typeof leaseMs === "number" && leaseMs >= MIN_LEASE_MS))
    throw new InvalidArgument("leaseMs", `a number from ${MIN_LEASE_MS}`, leaseMs);
  if (!(typeof handlerTimeoutMs === "number" && handlerTimeoutMs > 0))
    throw new InvalidArgument("handlerTimeoutMs", "a number above 0", handlerTimeoutMs);
  if (!(typeof graceMs === "number" && graceMs >= 0 && graceMs < Number.POSITIVE_INFINITY))
    throw new InvalidArgument("graceMs", "a number from 0", graceMs);
  checkListeners(options);
  return { consumer, maxInFlight, batch, leaseMs, upTo, handlerTimeoutMs, graceMs };
}

function checkAcknowledge(acknowledge: ConsumerOptions["acknowledge"] = "each"): number {
  if (acknowledge === "each") return 0;
  const upTo: unknown = typeof acknowledge === "object" && acknowledge !== null ? acknowledge.upTo : undefined;
  if (typeof upTo !== "number") throw new InvalidArgument("acknowledge", "each or { upTo: 100 }", acknowledge);
  checkCount("acknowledge.upTo", upTo, MAX_BATCH);
  return upTo;
}

function checkListeners({ onFault, onParked, onInterruption, signal }: ConsumerOptions): void {
  for (const [name, listener] of Object.entries({ onFault, onParked, onInterruption }))
    if (listener !== undefined && typeof listener !== "function") throw new InvalidArgument(name, "a function", listener);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") throw new InvalidArgument("signal", "an AbortSignal", signal);
}

function checkCount(name: string, count: number, max: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > max)
    throw new InvalidArgument(name, max === Number.MAX_SAFE_INTEGER ? "an integer from 1" : `an integer from 1 to ${max}`, count);
}
