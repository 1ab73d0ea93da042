import { answerFrom, currentRuntime, listFrom, type ConnectedContext, type QueryBus } from "@reactive-domain/foundation";
import { accountListing, AccountList, BankTotals, LargestBalances, LastChangeOf, PotsOf, StatementOf } from "../domain/queries.ts";
import type { BalanceKeeper } from "./balance-keeper.ts";
import type { ReadModels } from "./read-models.ts";
import { statementAsOf } from "./statement-as-of.ts";

/** What answers queries. */
interface Answering {
  readonly models: ReadModels;
  /** Lists accounts; without one they are listed from memory. */
  readonly table: BalanceKeeper | undefined;
}

/**
 * Registers the handlers of the bank's queries. What read models answer, they answer between two events, and behind the token that the query carries; the balance table answers with
 * what is committed of it.
 */
export function handleQueries(queries: QueryBus, bank: ConnectedContext, { models, table }: Answering): void {
  const { balances, statements, statistics } = models;
  if (table !== undefined) queries.handle(AccountList, (query) => table.list(query));
  else
    queries.handle(
      AccountList,
      answerFrom(balances, (query) => listFrom(balances.rows(), query, accountListing)),
    );
  queries.handle(
    LargestBalances,
    answerFrom(balances, ({ limit }) => balances.largest(limit)),
  );
  queries.handle(
    LastChangeOf,
    answerFrom(balances, ({ accountId }) => balances.lastChangeOf(accountId)),
  );
  queries.handle(
    PotsOf,
    answerFrom(balances, ({ accountId }) => balances.potsOf(accountId)),
  );
  queries.handle(
    BankTotals,
    answerFrom([balances, statistics], () => ({ ...statistics.totals, ...balances.count })),
  );
  const { clock } = currentRuntime();
  const liveStatement = answerFrom(statements, ({ accountId, month }: StatementOf) => statements.of(accountId, month, clock.now()));
  queries.handle(StatementOf, (query, context) =>
    query.asOf === undefined ? liveStatement(query, context) : statementAsOf(bank, query, new Date(query.asOf), context.signal),
  );
}
