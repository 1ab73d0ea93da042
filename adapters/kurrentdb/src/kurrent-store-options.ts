import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import type { EventStoreOptions } from "@reactive-domain/persistence/adapter";

/** Settings of a KurrentDB store. */
export interface KurrentStoreOptions extends EventStoreOptions {
  /** How long a call waits for a server that is away, in milliseconds, from 0. Default 30,000. */
  readonly retryForMs?: number;
  /** How long a call waits for the server's answer before it is made again, and `close` for what is under way, in milliseconds, from 1. Default 30,000. */
  readonly answerTimeoutMs?: number;
  /** How often a store with subscriptions looks for commits by itself while the server does not tell it of them, in milliseconds, from 1. Default 1,000. */
  readonly pollIntervalMs?: number;
}

/** Options with defaults. */
export interface StoreSettings {
  readonly retryForMs: number;
  readonly answerTimeoutMs: number;
  readonly pollIntervalMs: number;
}

const MAX_MS = 2 ** 31 - 1;
const KEYS = ["retryForMs", "answerTimeoutMs", "pollIntervalMs", "maxEventBytes"];
const URL_SHAPE = /^(kurrentdb|kurrent|kdb|esdb)(\+discover)?:\/\/./;

/** Errors: `invalid-argument`. */
export function checkOptions(options: KurrentStoreOptions): StoreSettings {
  checkKeys("options", options, KEYS);
  const { retryForMs = 30_000, answerTimeoutMs = 30_000, pollIntervalMs = 1_000 } = options;
  checkMs("retryForMs", retryForMs, 0);
  checkMs("answerTimeoutMs", answerTimeoutMs, 1);
  checkMs("pollIntervalMs", pollIntervalMs, 1);
  return { retryForMs, answerTimeoutMs, pollIntervalMs };
}

/** Errors: `invalid-argument`; what was given is not told, as it may hold a password. */
export function checkUrl(url: unknown): asserts url is string {
  if (typeof url === "string" && URL_SHAPE.test(url)) return;
  throw new InvalidArgument(
    "url",
    "a URL like kurrentdb://localhost:2113?tls=false or esdb+discover://db.example.com",
    typeof url === "string" ? "text of another shape" : typeof url,
  );
}

function checkMs(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > MAX_MS)
    throw new InvalidArgument(name, `an integer from ${least} to ${MAX_MS}`, value);
}
