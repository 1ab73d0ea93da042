import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { STORE_FORMS } from "./open-store.ts";

/** What the user asked for. */
export type BankArguments =
  | { readonly kind: "run"; readonly input: string; readonly store: string }
  | { readonly kind: "generate"; readonly count: number; readonly seed: number; readonly output: string }
  /** Help was shown, or a mistake was told. */
  | { readonly kind: "exit"; readonly status: number };

interface Options {
  readonly store: string;
  readonly generate?: number;
  readonly seed: number;
  readonly output: string;
}

const SHIPPED_COMMANDS = fileURLToPath(new URL("../../data/commands.jsonl", import.meta.url));
const MAX_SEED = 2 ** 32 - 1;
const USAGE_STATUS = 2;

export function parseArguments(argv: readonly string[]): BankArguments {
  const program = createProgram();
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { kind: "exit", status: error.exitCode === 0 ? 0 : USAGE_STATUS };
    throw error;
  }
  const { store, generate, seed, output } = program.opts<Options>();
  if (generate !== undefined) return { kind: "generate", count: generate, seed, output };
  return { kind: "run", input: program.args[0] ?? relative(process.cwd(), SHIPPED_COMMANDS), store };
}

function createProgram(): Command {
  return new Command("bank")
    .description("Carries out the commands of a file in a bank whose history is an event store. Run twice, it does everything once.")
    .argument("[commands]", "file with one JSON command a line, or - for standard input (default: the shipped file)")
    .option("--store <url>", `where the history is kept: ${STORE_FORMS}`, "sqlite:bank.db")
    .option("--generate <count>", "write this many generated commands instead of running", integerUpTo(1_000_000_000))
    .option("--seed <number>", "with --generate: the same seed makes the same commands", integerUpTo(MAX_SEED), 1)
    .option("--output <file>", "with --generate: the file to write, or - for standard output", "-")
    .addHelpText("after", "\nExit status: 0 all lines handled, 1 some lines were bad, 2 could not run, 130 interrupted.")
    .showHelpAfterError("(use --help for the options)")
    .exitOverride();
}

function integerUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`It must be an integer from 0 to ${most}.`);
    return value;
  };
}
