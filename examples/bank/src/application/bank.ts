import {
  connect,
  createCommandBus,
  createHealth,
  createQueryBus,
  type CommandBus,
  type EventStore,
  type QueryBus,
  type ReadModels as Views,
  type WorkerHealth,
} from "@reactive-domain/foundation";
import { banking } from "../domain/banking.ts";
import { BalanceKeeper } from "./balance-keeper.ts";
import { handleCommands } from "./command-handlers.ts";
import type { MailFile } from "./mail-file.ts";
import { createMailer, MAILING } from "./mailer.ts";
import { handleQueries } from "./query-handlers.ts";
import { ReadModels } from "./read-models.ts";

/** The bank at work: commands go in on one bus, answers come out of the other. */
export interface Bank extends AsyncDisposable {
  readonly commands: CommandBus;
  readonly queries: QueryBus;
  /**
   * Begins to write letters, together with all other banks on the store that do. To be called when there is time: each deposit is settled in the store, which commands write to as well. Nothing is
   * missed before. Errors: those of the store; `group-exists` where another version of the bank has a mailer of another kind.
   */
  startMailing(): Promise<void>;
  /** Resolves when the answers to queries know everything that is in the store now, and its letters are written where that has begun. Errors: what has stopped a read model, the table or the mailer. */
  caughtUp(): Promise<void>;
  /** How all that works on events is: the read models with each of their feeds, the balance table, and the mailer once it is started. */
  report(): Promise<readonly WorkerHealth[]>;
}

export interface BankOptions {
  /** Whether the store was opened for reading only: nothing is kept in it then, and `views` and `mail` are left alone. Default `false`. */
  readonly isReadOnly?: boolean;
  /** Where the balance table is kept; the caller's. Default: there is none, and accounts are listed from memory. */
  readonly views?: Views;
  /** Where letters go; the caller's. Default: none are written. */
  readonly mail?: MailFile;
}

/** What works on the bank's events. */
interface Worker extends AsyncDisposable {
  caughtUp(): Promise<void>;
}

/**
 * Puts the bank to work on a store: resolves when its read models have handled the history. The store stays the caller's.
 *
 * Errors: `context-incomplete` when the store holds events that a later bank wrote; what stops a read model; those of the store, and of what keeps the table.
 */
export async function openBank(store: EventStore, { isReadOnly = false, ...beside }: BankOptions = {}): Promise<Bank> {
  const bank = connect(banking, store);
  const [commands, queries] = [createCommandBus(), createQueryBus()];
  const { views, mail } = isReadOnly ? {} : beside;
  const models = new ReadModels();
  const table = views && new BalanceKeeper(bank, views);
  const workers: Worker[] = table === undefined ? [models] : [models, table];
  const health = createHealth(table === undefined ? models.all : [...models.all, table]);
  const close = async (): Promise<void> =>
    void (await Promise.all([...workers.map((worker) => worker[Symbol.asyncDispose]()), bank.idle()]));
  try {
    handleCommands(commands, bank);
    handleQueries(queries, bank, { models, table });
    await bank.verify({ commands, queries });
    await models.start(bank, !isReadOnly);
    await table?.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    commands,
    queries,
    startMailing: async () => {
      if (mail === undefined) return;
      const mailer = createMailer(bank, mail);
      await mailer.start(MAILING);
      workers.push(mailer);
      health.add(mailer);
    },
    caughtUp: async () => void (await Promise.all(workers.map((worker) => worker.caughtUp()))),
    report: async () => (await health.report()).workers,
    [Symbol.asyncDispose]: close,
  };
}
