import { withRuntime } from "@reactive-domain/core";
import { createMessageTimers, type MessageTimers, type MessageTimersOptions } from "@reactive-domain/messaging";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import type { Mail } from "../queue/mails.ts";

export const START_MS = 1_000_000;

export interface TimersSetUp {
  readonly test: TestRuntime;
  readonly timers: MessageTimers<Mail>;
  readonly sent: readonly Mail[];
  readonly numbers: () => readonly number[];
}

/** Timers on a clock that tests move, and what they delivered. */
export function setUp(options: Partial<MessageTimersOptions<Mail>> = {}, seed = 1): TimersSetUp {
  const test = createTestRuntime({ seed, startMs: START_MS });
  const sent: Mail[] = [];
  const timers = withRuntime(test.runtime, () => createMessageTimers({ deliver: (message: Mail) => void sent.push(message), ...options }));
  return { test, timers, sent, numbers: () => sent.map(({ number }) => number) };
}
