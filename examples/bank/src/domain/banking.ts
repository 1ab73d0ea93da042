import { boundedContext, type BoundedContext } from "@reactive-domain/foundation";
import { Account } from "./account.ts";
import {
  AccountClosed,
  AccountOpened,
  AmountDeposited,
  AmountSetAside,
  AmountTakenBack,
  AmountWithdrawn,
  CloseAccount,
  ClosePot,
  Deposit,
  OpenAccount,
  OpenPot,
  PotClosed,
  PotOpened,
  SetAside,
  TakeBack,
  Withdraw,
} from "./messages.ts";
import { AccountList, BankTotals, LargestBalances, LastChangeOf, PotsOf, StatementOf } from "./queries.ts";
import { CommandAccepted, CommandRefused, Receipt } from "./receipt.ts";

const ofAccounts = [AccountOpened, AmountDeposited, AmountWithdrawn, AccountClosed];
const ofPots = [PotOpened, AmountSetAside, AmountTakenBack, PotClosed];

/** The bounded context of the bank. */
export const banking: BoundedContext = boundedContext("banking", {
  aggregates: [Account, Receipt],
  events: [...ofAccounts, ...ofPots, CommandAccepted, CommandRefused],
  commands: [OpenAccount, Deposit, Withdraw, CloseAccount, OpenPot, SetAside, TakeBack, ClosePot],
  queries: [AccountList, LargestBalances, LastChangeOf, PotsOf, BankTotals, StatementOf],
});
