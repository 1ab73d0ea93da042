import {
  connect,
  createCommandBus,
  createQueryBus,
  type CommandBus,
  type EventStore,
  type QueryBus,
  type StartOptions,
} from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import { banking } from "../domain/banking.ts";
import { Balances } from "./balances.ts";
import { handleCommands } from "./command-handlers.ts";
import { handleQueries } from "./query-handlers.ts";
import { Statistics } from "./statistics.ts";

/** The bank at work: commands go in on one bus, answers come out of the other. */
export interface Bank extends AsyncDisposable {
  readonly commands: CommandBus;
  readonly queries: QueryBus;
  /** Resolves when the answers to queries know everything that is in the store now. */
  caughtUp(): Promise<void>;
}

/** What stops a read model comes up where its answers are waited for. */
const TOLD_LATER: StartOptions = { onFault: () => undefined };

/**
 * Puts the bank to work on a store: resolves when its read models have handled the history. The store stays the caller's.
 *
 * Errors: `context-incomplete` when the store holds events that a later bank wrote; those of the store.
 */
export async function openBank(store: EventStore): Promise<Bank> {
  const bank = connect(banking, store);
  const commands = createCommandBus();
  const queries = createQueryBus();
  const balances = new Balances();
  const statistics = new Statistics();
  handleCommands(commands, bank);
  handleQueries(queries, balances, statistics);
  await bank.verify({ commands, queries });
  await Promise.all([balances.start(bank.category(Account), TOLD_LATER), statistics.start(bank.all(), TOLD_LATER)]);
  await Promise.all([balances.live, statistics.live]);
  return {
    commands,
    queries,
    async caughtUp() {
      await Promise.all([balances.caughtUp(), statistics.caughtUp()]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([balances.close(), statistics.close(), bank.idle()]);
    },
  };
}
