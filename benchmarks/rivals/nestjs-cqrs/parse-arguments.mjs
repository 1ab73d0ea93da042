import { parseArgs } from "node:util";

/** What can be measured. */
const WORKS = ["send", "send.100", "publish.10"];
const MAX_COUNT = 10_000_000;
const STEP = 100;

/**
 * What one run does.
 *
 * @typedef {object} Options
 * @property {string} work one of the works
 * @property {number} count how many messages, a multiple of 100
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function parseArguments(args) {
  const text = { type: /** @type {const} */ ("string") };
  const { values } = parseArgs({ args: [...args], options: { work: text, count: text } });
  const work = values.work ?? "send";
  if (!WORKS.includes(work)) throw new RangeError(`--work is "${work}"; expected one of ${WORKS.join(", ")}: give one of them`);
  const count = Number(values.count ?? "500000");
  if (!Number.isSafeInteger(count) || count < STEP || count > MAX_COUNT || count % STEP !== 0)
    throw new RangeError(`--count is "${values.count}"; expected a multiple of ${STEP} up to ${MAX_COUNT}: give one`);
  return { work, count };
}
