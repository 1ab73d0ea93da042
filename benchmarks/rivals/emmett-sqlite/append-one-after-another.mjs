// Appends single events to Emmett's SQLite event store and prints one line of JSON: README.md tells the options, and what is printed.
import { parseArguments } from "./parse-arguments.mjs";
import { measureAppends } from "./measure-appends.mjs";
import { runInChild } from "../run-in-child.mjs";

const IN_CHILD = "--in-child";

const flags = process.argv.slice(2);
const options = parseArguments(flags.filter((flag) => flag !== IN_CHILD));
const result = flags.includes(IN_CHILD)
  ? await measureAppends(options)
  : await runInChild(import.meta.filename, [...flags, IN_CHILD], options.seconds);
process.stdout.write(`${JSON.stringify({ callers: options.callers, connection: options.connection, ...result })}\n`);
