import { defineReadModels, projectDocuments } from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import {
  AccountClosed,
  AccountOpened,
  AmountDeposited,
  AmountSetAside,
  AmountTakenBack,
  AmountWithdrawn,
  PotClosed,
  PotOpened,
} from "../domain/messages.ts";
import { accountListing, type AccountRow } from "../domain/queries.ts";
import { IncompleteHistory } from "./incomplete-history.ts";

// #region balance-table
/** What each account holds, kept beside the store. */
export const accountRows = defineReadModels("balance-table", {
  listing: accountListing,
  indexes: [["balanceCents"]],
}).holding<AccountRow>();

const byAccount = ({ accountId }: { readonly accountId: string }): string => accountId;

/** Whoever changes what it makes of events raises its version: it is built anew then, beside the one that answers. */
export const balanceTable = projectDocuments(accountRows, { version: 1, source: (bank) => bank.category(Account) })
  .on(AccountOpened, byAccount, (_, { accountId, owners }) => ({ ...NEW, accountId, owner: owners.join(" and ") }))
  .on(AmountDeposited, byAccount, (row = none(), event) => ({ ...row, balanceCents: row.balanceCents + event.amountCents }))
  .on(AmountWithdrawn, byAccount, (row = none(), event) => ({ ...row, balanceCents: row.balanceCents - event.amountCents }))
  .on(AmountSetAside, byAccount, (row = none(), event) => ({ ...row, setAsideCents: row.setAsideCents + event.amountCents }))
  .on(AmountTakenBack, byAccount, (row = none(), event) => ({ ...row, setAsideCents: row.setAsideCents - event.amountCents }))
  .on(PotOpened, byAccount, (row = none()) => ({ ...row, pots: row.pots + 1 }))
  .on(PotClosed, byAccount, (row = none()) => ({ ...row, pots: row.pots - 1 }))
  .on(AccountClosed, byAccount, (row = none()) => ({ ...row, state: "closed", pots: 0 }));
// #endregion

const NEW = { state: "open", balanceCents: 0, setAsideCents: 0, pots: 0 } as const;

function none(): never {
  throw new IncompleteHistory("An event came before the opening of its account.");
}
