import { defineListing, Query, type MessageMetadata, type Page, type Version } from "@reactive-domain/foundation";
import * as v from "valibot";
import { Id, type RefusalKind } from "./messages.ts";
import { MONTH } from "./month.ts";
import type { StatementAnswer } from "./statement.ts";

/** One account as queries see it. */
export interface AccountView {
  readonly accountId: string;
  /** All of its owners. */
  readonly owner: string;
  readonly isOpen: boolean;
  /** With what is set aside. */
  readonly balanceCents: number;
}

export interface PotView {
  readonly potId: string;
  readonly name: string;
  readonly heldCents: number;
}

/** One account as lists of them show it. */
export interface AccountRow {
  readonly accountId: string;
  /** All of its owners. */
  readonly owner: string;
  readonly state: "open" | "closed";
  /** With what is set aside. */
  readonly balanceCents: number;
  readonly setAsideCents: number;
  /** How many are open. */
  readonly pots: number;
}

/** What accounts may be listed by. */
export const accountListing = defineListing({
  key: "accountId",
  fields: {
    accountId: "string",
    owner: "string",
    state: "string",
    balanceCents: "number",
    setAsideCents: "number",
    pots: "number",
  },
});

/** The event that an account's balance was last changed by. */
export interface LastChange {
  readonly type: string;
  readonly version: Version;
  readonly metadata: MessageMetadata;
}

/** What has happened in the bank, in numbers. */
export interface Totals {
  readonly events: number;
  readonly accepted: number;
  readonly refused: number;
  readonly refusals: readonly { readonly kind: RefusalKind; readonly count: number }[];
}

/** What there is in the bank, in numbers. */
export interface Holdings {
  readonly accounts: number;
  readonly open: number;
  readonly pots: number;
}

export class LargestBalances extends Query("LargestBalances")<{ limit: number }, readonly AccountView[]> {}
/** Accounts by page, filtered and sorted. */
export class AccountList extends Query("AccountList", { schema: accountListing })<Page<AccountRow>> {}
export class LastChangeOf extends Query("LastChangeOf")<{ accountId: string }, LastChange | undefined> {}
export class PotsOf extends Query("PotsOf")<{ accountId: string }, readonly PotView[]> {}
export class BankTotals extends Query("BankTotals")<object, Totals & Holdings> {}

const Month = v.pipe(v.string(), v.regex(MONTH, "Expected a month like 2026-11"));
const IsoTime = v.pipe(v.string(), v.isoTimestamp());

/** The statement of one account for one month, as of now, or as it was at a time in the past. */
export class StatementOf extends Query("StatementOf", {
  schema: v.strictObject({ accountId: Id, month: Month, asOf: v.exactOptional(IsoTime) }),
})<StatementAnswer> {}
