import { boundedContext, type BoundedContext } from "@reactive-domain/foundation";
import { Account } from "./account.ts";
import { AccountClosed, AccountOpened, AmountDeposited, AmountWithdrawn } from "./messages.ts";
import { CommandAccepted, CommandRefused, Receipt } from "./receipt.ts";

/** The bounded context of the bank. */
export const banking: BoundedContext = boundedContext("banking", {
  aggregates: [Account, Receipt],
  events: [AccountOpened, AmountDeposited, AmountWithdrawn, AccountClosed, CommandAccepted, CommandRefused],
});
