import type { Problem } from "./run-script.ts";
import type { Script } from "./script.ts";
import { simplerSteps } from "./simpler-steps.ts";

/** A script that fails, and what is wrong then. */
export interface Failure {
  readonly script: Script;
  readonly problem: Problem;
}

/** Tells what is wrong with a run of a script; `undefined` when nothing is, or when there is no time left to try. */
export type Attempt = (script: Script) => Promise<Problem | undefined>;

/** Makes a failing script shorter and simpler as long as it fails: without runs of steps, without single steps, then with simpler steps. */
export async function shrinkScript(failure: Failure, attempt: Attempt): Promise<Failure> {
  let best = failure;
  for (;;) {
    const before = best;
    best = await withSimplerSteps(await withoutSteps(best, attempt), attempt);
    if (best === before) return best;
  }
}

async function withoutSteps(failure: Failure, attempt: Attempt): Promise<Failure> {
  let best = failure;
  for (let size = Math.ceil(best.script.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < best.script.length;) {
      const script = best.script.toSpliced(start, size);
      const problem = await attempt(script);
      if (problem === undefined) start += size;
      else best = { script, problem };
    }
  }
  return best;
}

async function withSimplerSteps(failure: Failure, attempt: Attempt): Promise<Failure> {
  let best = failure;
  for (let index = 0; index < best.script.length; index++) {
    for (let candidates = simplerAt(best.script, index); candidates.length > 0;) {
      const [script = best.script, ...others] = candidates;
      const problem = await attempt(script);
      if (problem !== undefined) best = { script, problem };
      candidates = problem === undefined ? others : simplerAt(script, index);
    }
  }
  return best;
}

function simplerAt(script: Script, index: number): readonly Script[] {
  const step = script[index];
  return step === undefined ? [] : simplerSteps(step).map((simpler) => script.with(index, simpler));
}
