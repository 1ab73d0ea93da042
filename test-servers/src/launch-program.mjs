// Becomes a program that stands in TypeScript: node launch-program.mjs PROGRAM [ARGUMENT...]
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { askSteward } from "./ask-steward.mjs";

const [, , program = ""] = argv;
const file = await askSteward(`program ${program}`);
if (file === undefined)
  throw new Error(`No steward makes one file of ${program}: start it from a test, or from a program that has started one.`);
argv.splice(1, 1);
await import(pathToFileURL(file).href);
