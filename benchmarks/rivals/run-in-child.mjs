import { fork } from "node:child_process";

/** For what is done before and after the measurement. */
const GRACE_SECONDS = 60;
const KEPT_CHARACTERS = 100_000;

/**
 * What a program prints as its last line, or, where it ends otherwise, that it crashed, and with what: the store may bring its process down, and that is a
 * result too.
 *
 * @param {string} program
 * @param {readonly string[]} flags
 * @param {number} seconds what the program is given; it is stopped a while later
 * @returns {Promise<object>}
 */
export async function runInChild(program, flags, seconds) {
  const child = fork(program, [...flags], { silent: true, timeout: (seconds + GRACE_SECONDS) * 1_000 });
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-KEPT_CHARACTERS)));
  child.stderr?.setEncoding("utf8").on("data", (text) => (errors = (errors + text).slice(0, KEPT_CHARACTERS)));
  const exit = await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code, signal) => resolve(signal ?? code));
  });
  if (exit === 0) return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
  if (exit === "SIGTERM")
    throw new Error(`The measurement was still running after ${seconds + GRACE_SECONDS} seconds and was stopped: give fewer events.`);
  return { crashed: true, error: countErrors(`${output}\n${errors}`), exit };
}

/**
 * The errors of an output, each once, with how often it stands there, in their order. The store prints what fails in a transaction to its standard output.
 *
 * @param {string} text
 */
function countErrors(text) {
  const counts = new Map();
  for (const [, message] of text.matchAll(/^\s*\[?(?:\w*Error|error): (.*?)\]?(?: \{)?$/gm))
    counts.set(message, (counts.get(message) ?? 0) + 1);
  const errors = [...counts].map(([message, count]) => (count === 1 ? message : `${count} times ${message}`));
  return errors.length === 0 ? "no error on its output" : errors.join("; ");
}
