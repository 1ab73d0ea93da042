// Sends or publishes through the buses of @nestjs/cqrs and prints one line of JSON: README.md tells the options, and what is printed.
import { readFileSync } from "node:fs";
import { parseArguments } from "./parse-arguments.mjs";
import { openWork } from "./works.mjs";

const WARM_UP = 100_000;

const { work, count } = parseArguments(process.argv.slice(2));
const { run, close } = await openWork(work);
await run(WARM_UP);
const startMs = performance.now();
await run(count);
const ms = performance.now() - startMs;
await close();
const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve("@nestjs/cqrs/package.json")), "utf8"));
process.stdout.write(
  `${JSON.stringify({ work, rate: (count * 1_000) / ms, events: count, version, node: process.version, durability: "none: in memory" })}\n`,
);
