export { openBank, type Bank } from "./application/bank.ts";
export { BankTotals, LargestBalances, LastChangeOf } from "./application/queries.ts";
export { Account } from "./domain/account.ts";
export { banking } from "./domain/banking.ts";
export { CloseAccount, Deposit, OpenAccount, Withdraw, type BankCommand, type Outcome } from "./domain/messages.ts";
