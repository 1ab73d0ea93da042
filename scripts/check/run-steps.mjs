import { runCommand } from "./run-command.mjs";

const SIDE_BY_SIDE = 2;

/** @typedef {import("./steps.mjs").Step} Step */

/**
 * Runs steps side by side, each after the one whose output it needs, and tells how each went as soon as it is known.
 *
 * @param {readonly Step[]} steps
 * @returns {Promise<boolean>} whether all went well
 */
export async function runSteps(steps) {
  const waiting = [...steps];
  /** @type {Map<string, boolean>} */
  const outcomes = new Map();
  const lanes = Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (;;) {
      const index = waiting.findIndex(({ after }) => after === undefined || outcomes.has(after));
      const [step] = index === -1 ? [] : waiting.splice(index, 1);
      if (step === undefined) return;
      const isOk = await runStep(step);
      outcomes.set(step.name, isOk);
    }
  });
  await Promise.all(lanes);
  return [...outcomes.values()].every(Boolean);
}

/**
 * @param {Step} step
 * @returns {Promise<boolean>}
 */
async function runStep({ name, command }) {
  const start = performance.now();
  const { code, output } = await runCommand(command);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
  if (code !== 0) console.log(`$ ${command.join(" ")}\n${output.trimEnd()}\n(exit code ${code})\n`);
  return code === 0;
}
