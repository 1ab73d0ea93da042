/**
 * A step of the check.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly string[]} command the program and its arguments
 * @property {string} [after] the step whose output it needs
 */

/** @type {readonly Step[]} */
const STEPS = [
  { name: "types", command: ["tsc", "-b"] },
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "layers", command: ["node", "scripts/layers.mjs"] },
  { name: "house", command: ["node", "scripts/house.mjs"] },
  { name: "docs", command: ["node", "scripts/docs.mjs"] },
  { name: "guarantees", command: ["node", "scripts/guarantees.mjs"] },
  { name: "unused", command: ["knip", "--no-progress", "--no-config-hints"] },
  { name: "lint", command: ["oxlint"], after: "types" },
  { name: "packages", command: ["node", "scripts/packages.mjs"], after: "types" },
];

/**
 * The named steps and those they come after; all steps when none is named. An unknown name throws a RangeError.
 *
 * @param {readonly string[]} names
 * @returns {readonly Step[]}
 */
export function chooseSteps(names) {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new RangeError(`no such step: ${unknown.join(", ")}; the steps are ${STEPS.map(({ name }) => name).join(", ")}`);
  if (names.length === 0) return STEPS;
  const needed = new Set(STEPS.filter(({ name }) => names.includes(name)).map(({ after }) => after));
  return STEPS.filter(({ name }) => names.includes(name) || needed.has(name));
}
