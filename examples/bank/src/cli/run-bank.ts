import { currentRuntime, shownUrl, type EventStore, type ReadModels } from "@reactive-domain/foundation";
import { openBank, type Bank } from "../application/bank.ts";
import { MailFile } from "../application/mail-file.ts";
import { processCommands, type RunResult } from "../application/process-commands.ts";
import { linesOf, openInput, type CommandInput } from "../input/command-input.ts";
import { openStore, openViews } from "./open-store.ts";
import { printable } from "./printable.ts";
import { Progress, type ProgressOutput } from "./progress.ts";
import { ReadModelWatch } from "./read-model-watch.ts";
import { showProgressAges } from "./show-health.ts";
import { summarise } from "./summary.ts";

/** What a run needs of its process. */
export interface RunOptions {
  readonly input: string;
  readonly store: string;
  /** The file that letters go to, if any. */
  readonly mail?: string | undefined;
  readonly signal: AbortSignal;
  readonly output: { write(text: string): unknown };
  readonly errors: ProgressOutput;
}

const INTERRUPTED_STATUS = 130;

/** Runs the bank on one input; resolves to the exit status. */
export async function runBank(options: RunOptions): Promise<number> {
  const input = await openInput(options.input);
  try {
    await using store = await openStore(options.store);
    await using views = await openViews(options.store);
    await using mail = options.mail === undefined ? undefined : await MailFile.open(options.mail);
    return await runOn(input, { store, views, mail }, options);
  } finally {
    input.stream.destroy();
  }
}

/** What a bank keeps its things in. */
interface Kept {
  readonly store: EventStore;
  readonly views: ReadModels;
  readonly mail: MailFile | undefined;
}

async function runOn(input: CommandInput, { store, views, mail }: Kept, options: RunOptions): Promise<number> {
  await using bank = await openBank(store, { views, ...(mail && { mail }) });
  const run = await processInput(input, bank, options);
  if (options.signal.aborted) {
    options.errors.write(`Interrupted after ${run.lines} commands. Everything answered so far is kept; run again to go on.\n`);
    return INTERRUPTED_STATUS;
  }
  await bank.startMailing();
  await bank.caughtUp();
  const reports = await bank.report();
  options.output.write(await summarise({ inputName: input.name, storeName: shownUrl(options.store), run, reports }, bank.queries));
  options.errors.write(`${showProgressAges(reports)}.\n`);
  if (mail !== undefined) options.errors.write(`${tellLetters(mail.written)} ${printable(options.mail ?? "")}.\n`);
  tellRecognised(run, options.errors);
  return run.bad === 0 ? 0 : 1;
}

async function processInput(input: CommandInput, bank: Bank, { errors, signal }: RunOptions): Promise<RunResult> {
  const progress = new Progress(errors, currentRuntime().clock, "commands");
  const watch = new ReadModelWatch(() => bank.report());
  try {
    const run = await processCommands(linesOf(input, signal), bank.commands, {
      onBadLine: (line, reason) => progress.tell(printable(`${input.name}:${line.number}: ${reason}`)),
      onProgress: (done, line) => progress.update(done, input.totalBytes && line.bytesRead / input.totalBytes, () => watch.look()),
    });
    progress.finish(run.lines);
    return run;
  } finally {
    await watch.stop();
  }
}

function tellLetters(count: number): string {
  return count === 1 ? "1 letter written to" : `${count === 0 ? "No new" : count.toLocaleString("en-US")} letters written to`;
}

function tellRecognised({ accepted, refused, recognised }: RunResult, errors: ProgressOutput): void {
  const handled = accepted + refused;
  if (recognised === 0) return;
  const all = recognised === handled ? "Nothing changed: all" : `${recognised.toLocaleString("en-US")} of the`;
  errors.write(`${all} ${handled.toLocaleString("en-US")} commands had been carried out before, and were recognised by their ids.\n`);
}
