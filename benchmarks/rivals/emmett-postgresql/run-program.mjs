import { runInChild } from "../run-in-child.mjs";
import { inOwnSchema } from "./own-schema.mjs";
import { parseArguments } from "./parse-arguments.mjs";

const IN_CHILD = "--in-child";

/**
 * Runs a program's measurement in a child process, in a schema of its own, and prints the line of JSON that it ends with.
 *
 * @param {string} program
 * @param {(options: import("./parse-arguments.mjs").Options) => Promise<object>} measure
 */
export async function runProgram(program, measure) {
  const flags = process.argv.slice(2);
  const options = parseArguments(flags.filter((flag) => flag !== IN_CHILD));
  if (flags.includes(IN_CHILD)) return print(await measure(options));
  const result = await inOwnSchema(options.url, (url) => runInChild(program, [...flags, "--url", url, IN_CHILD], options.seconds));
  print({ program: program.split("/").at(-1), ...result });
}

/** @param {object} line */
function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
