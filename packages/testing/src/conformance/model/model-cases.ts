import { AssertionError } from "node:assert/strict";
import { currentRuntime } from "@reactive-domain/core";
import type { ConformanceCase, StoreFactory } from "../conformance-case.ts";
import { numbersBelow } from "../reading.ts";
import { generateScript } from "./generate-script.ts";
import { runScript } from "./run-script.ts";
import { scriptText } from "./script-text.ts";
import { shrinkScript, type Attempt, type Failure } from "./shrink-script.ts";

/** How much is tried. */
export interface ModelOptions {
  /** Each is a script. Default 1 to 20. */
  readonly seeds?: readonly number[];
  /** The length of each script, from 1. Default 25. */
  readonly steps?: number;
}

/** What bounds the search for a short script: runs of it, milliseconds in all, and milliseconds for one where the store gives no answer. */
const MAX_ATTEMPTS = 400;
const MAX_SHRINK_MS = 4_000;
const ATTEMPT_DEADLINE_MS = 500;

/**
 * Cases that do with a store what random scripts say, and compare it with a plain list. A script that fails is shortened, each time on a fresh store; the
 * assertion tells its seed, the shortest script found, and what differed. What the store lacks is not done.
 *
 * @example
 * for (const { name, run } of modelCases({ seeds: [4711], steps: 200 })) it(name, () => run(openMyStore));
 */
export function modelCases(options: ModelOptions = {}): readonly ConformanceCase[] {
  const { seeds = numbersBelow(20).map((seed) => seed + 1), steps = 25 } = options;
  const modelCase = (name: string, callers: number): ConformanceCase => ({
    name,
    behaviours: ["F4", "F8", "F9", "F11", "F15"],
    async run(open: StoreFactory): Promise<void> {
      for (const seed of seeds) await trySeed(open, { seed, steps, callers });
    },
  });
  return [
    modelCase("whatever one caller writes, reads, deletes and follows, a store does what a plain list would do", 1),
    modelCase("whatever several callers do side by side, a store does what a plain list would do that served one call after another", 3),
  ];
}

interface Try {
  readonly seed: number;
  readonly steps: number;
  readonly callers: number;
}

async function trySeed(open: StoreFactory, one: Try): Promise<void> {
  const failure = await failureOf(open, one);
  if (failure === undefined) return;
  const [attempt, attempts] = attemptsOn(open, failure.problem.isLate);
  const shortest = await shrinkScript(failure, attempt);
  const again = `modelCases({ seeds: [${one.seed}], steps: ${one.steps} })`;
  throw new AssertionError({
    message:
      `Seed ${one.seed}: the store does not do what a plain list would do. The shortest script that was found, of ${one.steps} steps in ${attempts()} attempts:\n` +
      `${scriptText(shortest.script)}\nWhat differs:\n${shortest.problem.text}\nTry it again by ${again}.`,
  });
}

/** Runs the script of a seed. */
async function failureOf(open: StoreFactory, one: Try): Promise<Failure | undefined> {
  await using store = await open();
  const script = generateScript({ ...one, gaps: store.gaps });
  const problem = await runScript(store, script);
  return problem === undefined ? undefined : { script, problem };
}

/** Runs of shorter scripts, each on a fresh store, while there is time; and how many there were. A script that is only slow shows nothing, unless none came to its end. */
function attemptsOn(open: StoreFactory, isLate: boolean): readonly [attempt: Attempt, attempts: () => number] {
  const { clock } = currentRuntime();
  const untilMs = clock.monotonicMs() + MAX_SHRINK_MS;
  let attempts = 0;
  const attempt: Attempt = async (script) => {
    if (attempts === MAX_ATTEMPTS || clock.monotonicMs() > untilMs) return undefined;
    attempts++;
    await using store = await open();
    const problem = await runScript(store, script, isLate ? ATTEMPT_DEADLINE_MS : undefined);
    return problem?.isLate === isLate ? problem : undefined;
  };
  return [attempt, () => attempts];
}
