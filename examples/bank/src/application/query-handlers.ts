import { answerFrom, currentRuntime, type ConnectedContext, type QueryBus } from "@reactive-domain/foundation";
import { BankTotals, LargestBalances, LastChangeOf, PotsOf, StatementOf } from "../domain/queries.ts";
import type { ReadModels } from "./read-models.ts";
import { statementAsOf } from "./statement-as-of.ts";

/** Registers the handlers of the bank's queries. Each answers between two events, and behind the token that its query carries. */
export function handleQueries(queries: QueryBus, bank: ConnectedContext, { balances, statements, statistics }: ReadModels): void {
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
