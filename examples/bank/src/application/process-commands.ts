import { InvalidMessage, metadataOf, type CommandBus, type ReactiveDomainError } from "@reactive-domain/foundation";
import type { BankCommand, Outcome, RefusalKind } from "../domain/messages.ts";
import { BadLine } from "../input/bad-line.ts";
import type { Line } from "../input/lines.ts";
import { parseCommand } from "../input/parse-command.ts";
import { CommandIdReused } from "./command-handlers.ts";
import { Lanes } from "./lanes.ts";

/** What became of the lines of one input. */
export interface RunResult {
  readonly lines: number;
  readonly accepted: number;
  readonly refused: number;
  readonly refusals: ReadonlyMap<RefusalKind, number>;
  /** Of those accepted and refused: how many had been carried out before. */
  readonly recognised: number;
  readonly bad: number;
}

export interface ProcessOptions {
  /** How many commands are under way at a time. Those of one account keep their order. Default 256. */
  readonly maxInFlight?: number;
  readonly onBadLine: (line: Line, reason: string) => void;
  /** Called after every line that is done. */
  readonly onProgress: (done: number, line: Line) => void;
}

const DEFAULT_MAX_IN_FLIGHT = 256;

/**
 * Sends the command of every line to the bus. Resolves when all are answered. After the first error that is not a bad line's, nothing more is sent; rejects
 * with it when all under way are answered.
 */
export async function processCommands(lines: AsyncIterable<Line>, commands: CommandBus, options: ProcessOptions): Promise<RunResult> {
  const run = new CommandRun(commands, options);
  try {
    for await (const line of lines) {
      if (line.text === "") continue;
      await run.accept(line);
      if (run.hasFailed) break;
    }
  } catch (error) {
    run.fail(error);
  }
  return run.finish();
}

class CommandRun {
  readonly #commands: CommandBus;
  readonly #options: ProcessOptions;
  readonly #lanes = new Lanes();
  readonly #refusals = new Map<RefusalKind, number>();
  readonly #count = { lines: 0, accepted: 0, recognised: 0, bad: 0, done: 0 };
  #inFlight = 0;
  #onRoom: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(commands: CommandBus, options: ProcessOptions) {
    this.#commands = commands;
    this.#options = options;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Ends the run with an error: the first one counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Takes a line; resolves when there is room for another. */
  async accept(line: Line): Promise<void> {
    this.#count.lines++;
    this.#inFlight++;
    void this.#carryOut(line).finally(() => {
      this.#inFlight--;
      this.#options.onProgress(++this.#count.done, line);
      this.#onRoom?.();
    });
    while (this.#inFlight >= (this.#options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT)) await this.#room();
  }

  async finish(): Promise<RunResult> {
    while (this.#inFlight > 0) await this.#room();
    if (this.#failure !== undefined) throw this.#failure.error;
    const refused = [...this.#refusals.values()].reduce((sum, count) => sum + count, 0);
    const { lines, accepted, recognised, bad } = this.#count;
    return { lines, accepted, recognised, bad, refused, refusals: this.#refusals };
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  async #carryOut(line: Line): Promise<void> {
    try {
      const command = parseCommand(line);
      const lanes = [`account ${command.accountId}`, `command ${metadataOf(command).id}`];
      await this.#lanes.run(lanes, () => this.#send(command, line));
    } catch (error) {
      this.#blame(error, line);
    }
  }

  /** Never rejects, so that a failure is known before the next in the lane is to be sent; which then is not, as it may build on what failed. */
  async #send(command: BankCommand, line: Line): Promise<void> {
    if (this.hasFailed) return;
    try {
      this.#tally(await this.#commands.send(command));
    } catch (error) {
      this.#blame(error, line);
    }
  }

  #blame(error: unknown, line: Line): void {
    const reason = reasonOfBadLine(error);
    if (reason === undefined) return this.fail(error);
    this.#count.bad++;
    this.#options.onBadLine(line, reason);
  }

  #tally({ refusal, recognised }: Outcome): void {
    if (recognised) this.#count.recognised++;
    if (refusal === undefined) this.#count.accepted++;
    else this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1);
  }
}

/** Why the line is to blame, or `undefined` when something else is. */
function reasonOfBadLine(error: unknown): string | undefined {
  if (error instanceof BadLine || error instanceof InvalidMessage) return error.message;
  const { cause } = error as ReactiveDomainError;
  return cause instanceof CommandIdReused ? cause.message : undefined;
}
