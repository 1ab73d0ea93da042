import { connect, createCommandBus, createQueryBus, type CommandBus, type EventStore, type QueryBus } from "@reactive-domain/foundation";
import { banking } from "../domain/banking.ts";
import { handleCommands } from "./command-handlers.ts";
import { handleQueries } from "./query-handlers.ts";
import { ReadModels, type FeedReport } from "./read-models.ts";

/** The bank at work: commands go in on one bus, answers come out of the other. */
export interface Bank extends AsyncDisposable {
  readonly commands: CommandBus;
  readonly queries: QueryBus;
  /** Resolves when the answers to queries know everything that is in the store now. Errors: what has stopped a read model. */
  caughtUp(): Promise<void>;
  /** How its read models are, each with each of its feeds. Errors: those of the store. */
  report(): Promise<readonly FeedReport[]>;
}

export interface BankOptions {
  /** Whether the store was opened for reading only: nothing is kept in it then. Default `false`. */
  readonly isReadOnly?: boolean;
}

/**
 * Puts the bank to work on a store: resolves when its read models have handled the history. The store stays the caller's.
 *
 * Errors: `context-incomplete` when the store holds events that a later bank wrote; what stops a read model; those of the store.
 */
export async function openBank(store: EventStore, { isReadOnly = false }: BankOptions = {}): Promise<Bank> {
  const bank = connect(banking, store);
  const commands = createCommandBus();
  const queries = createQueryBus();
  const models = new ReadModels();
  const close = async (): Promise<void> => void (await Promise.all([models[Symbol.asyncDispose](), bank.idle()]));
  handleCommands(commands, bank);
  handleQueries(queries, bank, models);
  await bank.verify({ commands, queries });
  try {
    await models.start(bank, !isReadOnly);
  } catch (error) {
    await close();
    throw error;
  }
  return { commands, queries, caughtUp: () => models.caughtUp(), report: () => models.report(), [Symbol.asyncDispose]: close };
}
