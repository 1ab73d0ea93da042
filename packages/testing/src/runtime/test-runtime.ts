import { AssertionError } from "node:assert";
import { InvalidArgument, withRuntime, type Clock, type Runtime } from "@reactive-domain/core";
import { createSeededIds } from "./seeded-ids.ts";
import { createSeededChance, createSeededRandom } from "./seeded-random.ts";
import { VirtualScheduler } from "./virtual-scheduler.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface TestRuntimeOptions {
  /** An integer that decides in which order waiting steps go on, the ids, and chance. Default 1. */
  readonly seed?: number;
  /** The time at the start, in milliseconds since 1970-01-01T00:00Z. Default: 2024-01-01T00:00Z. */
  readonly startMs?: number;
}

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on by a number of milliseconds, from one timer that falls due to the next, and lets all that follows from each come to rest in between.
   *
   * Errors: `invalid-argument`; what a timer's task throws.
   */
  advanceBy(durationMs: number): Promise<void>;
}

/** Time, ids, waiting and chance in the hands of a test. */
export interface TestRuntime {
  readonly runtime: Runtime;
  readonly clock: VirtualClock;
  readonly seed: number;
  /** How many tasks wait for their time. */
  readonly pendingTimers: number;
  /**
   * Runs a function within `withRuntime(runtime)` until what it returns has settled, and gives that. When nothing can go on but a timer is armed, time moves on
   * to it. The outside world (files, sockets, child processes) is not waited for.
   *
   * Errors: an `AssertionError` when nothing can ever go on; what a task throws.
   */
  run<T>(work: () => T | Promise<T>): Promise<T>;
  /** Resolves when nothing can go on without time moving. */
  settle(): Promise<void>;
}

export const DEFAULT_START_MS = Date.UTC(2024, 0, 1);

/**
 * A runtime whose time moves by hand, whose ids and chance are the same in every run, and whose scheduler lets waiting steps go on in a random order, which is the same
 * for the same seed: run a test with many seeds, and it meets many interleavings; run it with the seed that failed, and it fails again.
 *
 * @example
 * const test = createTestRuntime({ seed });
 * await test.run(async () => {
 *   const store = createInMemoryStore();
 *   await Promise.all([deposit(store), withdraw(store)]);
 * });
 */
export function createTestRuntime(options: TestRuntimeOptions = {}): TestRuntime {
  const { seed = 1, startMs = DEFAULT_START_MS } = options;
  if (!Number.isSafeInteger(seed)) throw new InvalidArgument("seed", "an integer", seed);
  if (!Number.isSafeInteger(startMs) || startMs < 0) throw new InvalidArgument("startMs", "an integer from 0", startMs);
  return new SeededTestRuntime(seed, new VirtualTime(startMs));
}

class SeededTestRuntime implements TestRuntime {
  readonly runtime: Runtime;
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly #time: VirtualTime;
  readonly #scheduler: VirtualScheduler;
  #advancing = 0;

  constructor(seed: number, time: VirtualTime) {
    this.seed = seed;
    this.#time = time;
    this.#scheduler = new VirtualScheduler(time, createSeededRandom(seed));
    // Generators of their own: asking for an id, or for chance, must not change the order of steps.
    const ids = createSeededIds(time, createSeededRandom(seed ^ 0x5bd1e995));
    this.runtime = { chance: createSeededChance(seed ^ 0x2c1b3c6d), clock: time, ids, scheduler: this.#scheduler };
    this.clock = {
      now: () => time.now(),
      monotonicMs: () => time.monotonicMs(),
      advanceBy: (durationMs) => this.#advanceBy(durationMs),
    };
  }

  get pendingTimers(): number {
    return this.#scheduler.pendingTimers;
  }

  async run<T>(work: () => T | Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    const outcome = withRuntime(this.runtime, async () => work());
    outcome.then(settled, settled);
    for (;;) {
      await this.#scheduler.settle();
      if (isSettled) return outcome;
      const mayMove = this.#advancing === 0;
      if (mayMove && !this.#scheduler.moveToNextTimer(Number.POSITIVE_INFINITY)) throw deadlock(this.seed);
    }
  }

  settle(): Promise<void> {
    return this.#scheduler.settle();
  }

  async #advanceBy(durationMs: number): Promise<void> {
    if (!Number.isFinite(durationMs) || durationMs < 0) throw new InvalidArgument("durationMs", "a number from 0", durationMs);
    const untilMs = this.#time.now() + durationMs;
    this.#advancing++;
    try {
      do await this.#scheduler.settle();
      while (this.#scheduler.moveToNextTimer(untilMs));
      this.#time.moveTo(untilMs);
    } finally {
      this.#advancing--;
    }
  }
}

function deadlock(seed: number): AssertionError {
  return new AssertionError({
    message:
      `Deadlock (seed ${seed}): the work has not settled, no step waits for a turn and no timer is armed. It awaits what nobody will bring about, ` +
      "or something outside the test runtime, such as a file or a socket.",
  });
}
