import { InvalidArgument } from "@reactive-domain/core";
import type { DeadLetter } from "../dead-letter.ts";

/** Settings of the in-process transport. */
export interface InProcessTransportOptions {
  /**
   * How many messages a channel holds that are neither handled nor parked, those with a handler among them. An integer from 1. Default 1000.
   * A `send` that finds no room waits; one of more messages than this is refused.
   */
  readonly maxBufferedMessages?: number | undefined;
  /** How often a message is brought to a handler before it is parked. An integer from 1. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** The wait between the first attempt and the second, in milliseconds; it doubles with each further one. An integer from 0. Default 100. */
  readonly retryDelayMs?: number | undefined;
  /** The longest wait between two attempts, in milliseconds; not below `retryDelayMs`. Default 30 000, or `retryDelayMs` where that is more. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Told of each message that is parked, when it is. It should not throw: that would be an uncaught exception of the process. */
  readonly onDeadLetter?: ((letter: DeadLetter) => void) | undefined;
}

/** The settings in force. */
export interface InProcessTransportSettings {
  readonly maxBufferedMessages: number;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  readonly onDeadLetter: (letter: DeadLetter) => void;
}

const DEFAULT_MAX_RETRY_DELAY_MS = 30_000;

/** The options with their defaults. Errors: `invalid-argument`. */
export function checkOptions(options: InProcessTransportOptions): InProcessTransportSettings {
  const { maxBufferedMessages = 1000, maxAttempts = 5, retryDelayMs = 100, onDeadLetter = () => undefined } = options;
  checkInteger("maxBufferedMessages", maxBufferedMessages, 1);
  checkInteger("maxAttempts", maxAttempts, 1);
  checkInteger("retryDelayMs", retryDelayMs, 0);
  const { maxRetryDelayMs = Math.max(DEFAULT_MAX_RETRY_DELAY_MS, retryDelayMs) } = options;
  checkInteger("maxRetryDelayMs", maxRetryDelayMs, retryDelayMs);
  if (typeof onDeadLetter !== "function") throw new InvalidArgument("onDeadLetter", "a function", onDeadLetter);
  return { maxBufferedMessages, maxAttempts, retryDelayMs, maxRetryDelayMs, onDeadLetter };
}

/** Refuses what is not an integer from `min` to `max`. Errors: `invalid-argument`. */
export function checkInteger(name: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new InvalidArgument(name, `an integer from ${min}${max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`}`, value);
}
