import type { QueryBus } from "@reactive-domain/foundation";
import { BankTotals, LargestBalances, LastChangeOf, PotsOf } from "../domain/queries.ts";
import type { Balances } from "./balances.ts";
import type { Statistics } from "./statistics.ts";

/** Registers the handlers of the bank's queries. */
export function handleQueries(queries: QueryBus, balances: Balances, statistics: Statistics): void {
  queries.handle(LargestBalances, ({ limit }) => balances.largest(limit));
  queries.handle(LastChangeOf, ({ accountId }) => balances.lastChangeOf(accountId));
  queries.handle(PotsOf, ({ accountId }) => balances.potsOf(accountId));
  queries.handle(BankTotals, () => ({ ...statistics.totals, ...balances.count }));
}
