import { currentRuntime, InvalidArgument } from "@reactive-domain/core";
import { checkCount, checkPositive } from "./check-option.ts";

/** How often something is tried at most, and how long to wait before it is tried again. */
export interface BackoffOptions {
  /** How often it runs at most, the first time included. An integer from 1. Default 5. */
  readonly attempts?: number;
  /** The shortest wait before another attempt, in milliseconds, above 0. Default 5. */
  readonly minDelayMs?: number;
  /** The longest wait before another attempt, in milliseconds, from `minDelayMs`. Default 500. */
  readonly maxDelayMs?: number;
}

export interface Backoff {
  readonly attempts: number;
  /** How long to wait behind the n-th attempt, from 1, in milliseconds. */
  delayMs(attempt: number): number;
}

/**
 * Waits that grow and are drawn by lot: the n-th from `minDelayMs` to `minDelayMs` · 2^n, at most `maxDelayMs` ("Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015), so that those who met once do not meet again. `of` is what errors call it.
 *
 * Errors: `invalid-argument`.
 */
export function createBackoff(of: string, { attempts = 5, minDelayMs = 5, maxDelayMs = 500 }: BackoffOptions): Backoff {
  checkCount(`attempts of ${of}`, attempts);
  checkPositive(`minDelayMs of ${of}`, minDelayMs);
  checkPositive(`maxDelayMs of ${of}`, maxDelayMs);
  if (maxDelayMs < minDelayMs) throw new InvalidArgument(`maxDelayMs of ${of}`, `at least minDelayMs (${minDelayMs})`, maxDelayMs);
  const { chance } = currentRuntime();
  return {
    attempts,
    delayMs: (attempt) => minDelayMs + chance.next() * (Math.min(maxDelayMs, minDelayMs * 2 ** attempt) - minDelayMs),
  };
}
