import { parseArguments } from "./cli/arguments.ts";
import { runBank } from "./cli/run-bank.ts";
import { runStatement } from "./cli/run-statement.ts";
import { bugBeneath, sentenceOf } from "./cli/sentence-of.ts";
import { writeCommands } from "./generate/write-commands.ts";

const CANNOT_RUN_STATUS = 2;

async function main(): Promise<number> {
  const wanted = parseArguments(process.argv.slice(2));
  if (wanted.kind === "exit") return wanted.status;
  if (wanted.kind === "generate") {
    await writeCommands(wanted);
    return 0;
  }
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  process.once("SIGTERM", () => interrupt.abort());
  const outer = { signal: interrupt.signal, output: process.stdout, errors: process.stderr };
  return wanted.kind === "statement" ? runStatement({ ...wanted, ...outer }) : runBank({ ...wanted, ...outer });
}

/** A reader that has gone away, as `| head` does, is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`Cannot write standard output: ${error.message}.\n`);
  process.exit(CANNOT_RUN_STATUS);
});

/** What cannot be told is left out: the run is what matters. */
process.stderr.on("error", () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  const sentence = sentenceOf(error);
  if (sentence === undefined) throw error;
  const stack = bugBeneath(error);
  process.stderr.write(stack === undefined ? `${sentence}\n` : `${sentence}\n${stack}\n`);
  process.exitCode = CANNOT_RUN_STATUS;
}
