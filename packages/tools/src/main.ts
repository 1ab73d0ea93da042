#!/usr/bin/env node
import { createStreamOutput } from "./output.ts";
import { createProgress } from "./progress.ts";
import { run } from "./run.ts";

const { argv, stderr, stdout } = process;

process.exitCode = await run(argv.slice(2), createStreamOutput(stdout), (line) => stderr.write(`${line}\n`), createProgress(stderr));

// What a module began when it was imported, like a server, would go on for ever.
if (argv[2] === "describe" || argv[2] === "projection") process.exit();
