import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { MONTH } from "../domain/month.ts";
import { mailFileBeside, STORE_FORMS } from "./open-store.ts";

/** What the user asked for. */
export type BankArguments =
  | { readonly kind: "run"; readonly input: string; readonly store: string; readonly mail: string | undefined }
  | { readonly kind: "generate"; readonly count: number; readonly seed: number; readonly output: string }
  | {
      readonly kind: "statement";
      readonly accountId: string;
      readonly month: string;
      readonly asOf: string | undefined;
      readonly store: string;
    }
  /** Help was shown, or a mistake was told. */
  | { readonly kind: "exit"; readonly status: number };

interface Options {
  readonly store: string;
  /** `true`: where it is by default; `false`: nowhere. */
  readonly mail?: string | boolean;
  readonly generate?: number;
  readonly seed: number;
  readonly output: string;
}

const SHIPPED_COMMANDS = fileURLToPath(new URL("../../data/commands.jsonl", import.meta.url));
const MAX_SEED = 2 ** 32 - 1;
const USAGE_STATUS = 2;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

export function parseArguments(argv: readonly string[]): BankArguments {
  let wanted: BankArguments | undefined;
  const program = createProgram((found) => {
    wanted = found;
  });
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { kind: "exit", status: error.exitCode === 0 ? 0 : USAGE_STATUS };
    throw error;
  }
  return wanted ?? { kind: "exit", status: USAGE_STATUS };
}

function createProgram(want: (wanted: BankArguments) => void): Command {
  const program = new Command("bank")
    .description("Carries out the commands of a file in a bank whose history is an event store. Run twice, it does everything once.")
    .argument("[commands]", "file with one JSON command a line, or - for standard input (default: the shipped file)")
    .option("--store <url>", `where the history is kept: ${STORE_FORMS}`, "sqlite:bank.db")
    .option("--mail <file>", "where letters about large deposits and closed accounts go (default: beside sqlite:FILE, into FILE-mail)")
    .option("--no-mail", "write no letters")
    .option("--generate <count>", "write this many generated commands instead of running", integerUpTo(1_000_000_000))
    .option("--seed <number>", "with --generate: the same seed makes the same commands", integerUpTo(MAX_SEED), 1)
    .option("--output <file>", "with --generate: the file to write, or - for standard output", "-")
    .addHelpText("after", "\nExit status: 0 all lines handled, 1 some lines were bad, 2 could not run, 130 interrupted.")
    .showHelpAfterError("(use --help for the options)")
    .helpCommand(false)
    .exitOverride()
    .action((commands: string | undefined, options: Options) => want(wantedOf(commands, options)));
  addStatement(program, want);
  return program;
}

function wantedOf(commands: string | undefined, { store, mail, generate, seed, output }: Options): BankArguments {
  if (generate !== undefined) return { kind: "generate", count: generate, seed, output };
  return { kind: "run", input: commands ?? relative(process.cwd(), SHIPPED_COMMANDS), store, mail: mailOf(store, mail) };
}

function mailOf(store: string, mail: string | boolean = true): string | undefined {
  if (mail === true) return mailFileBeside(store);
  return mail === false ? undefined : mail;
}

function addStatement(program: Command, want: (wanted: BankArguments) => void): void {
  program
    .command("statement")
    .description("Shows what became of an account's balance in one month. Nothing is written.")
    .argument("<account>", "the account's id")
    .argument("<month>", "like 2026-11, in UTC", month)
    .option("--as-of <time>", "as it was known at this time, like 2026-11-15T12:00:00Z", time)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", "\nExit status: 0 shown, 1 there is no such statement, 2 could not run.")
    .action((accountId: string, wantedMonth: string, { asOf }: { readonly asOf?: string }) =>
      want({ kind: "statement", accountId, month: wantedMonth, asOf, store: program.opts<Options>().store }),
    );
}

function month(text: string): string {
  if (!MONTH.test(text)) throw new InvalidArgumentError("It must be a month like 2026-11.");
  return text;
}

/** A time without a zone would be another one on another machine. */
function time(text: string): string {
  const isMoment = MOMENT.test(text) && !Number.isNaN(Date.parse(text));
  if (!isMoment) throw new InvalidArgumentError("It must be a time with a zone, like 2026-11-15T12:00:00Z.");
  return new Date(text).toISOString();
}

function integerUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`It must be an integer from 0 to ${most}.`);
    return value;
  };
}
