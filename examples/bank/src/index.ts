export { openBank, type Bank } from "./application/bank.ts";
export { BankTotals, LargestBalances, LastChangeOf, PotsOf, StatementOf } from "./domain/queries.ts";
export { Account } from "./domain/account.ts";
export { banking } from "./domain/banking.ts";
export {
  CloseAccount,
  ClosePot,
  Deposit,
  OpenAccount,
  OpenPot,
  SetAside,
  TakeBack,
  Withdraw,
  type BankCommand,
  type Outcome,
} from "./domain/messages.ts";
