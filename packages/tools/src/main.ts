#!/usr/bin/env node
import { createStreamOutput } from "./output.ts";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), createStreamOutput(process.stdout), (line) => process.stderr.write(`${line}\n`));
