import { Query, type QueryBus } from "@reactive-domain/foundation";
import type { AccountView, Balances, LastChange } from "./balances.ts";
import type { Statistics, Totals } from "./statistics.ts";

export class LargestBalances extends Query("LargestBalances")<{ limit: number }, readonly AccountView[]> {}
export class LastChangeOf extends Query("LastChangeOf")<{ accountId: string }, LastChange | undefined> {}
export class BankTotals extends Query("BankTotals")<object, Totals & { readonly accounts: number; readonly open: number }> {}

/** Registers the handlers of the bank's queries. */
export function handleQueries(queries: QueryBus, balances: Balances, statistics: Statistics): void {
  queries.handle(LargestBalances, ({ limit }) => balances.largest(limit));
  queries.handle(LastChangeOf, ({ accountId }) => balances.lastChangeOf(accountId));
  queries.handle(BankTotals, () => ({ ...statistics.totals, ...balances.count }));
}
