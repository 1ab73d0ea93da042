import { Command, Event } from "@reactive-domain/foundation";
import * as v from "valibot";

const AccountId = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,100}$/, "Expected 1 to 100 printable ASCII characters without spaces"));
const AmountCents = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

// Money is counted in cents: sums of decimals drift.
export class AccountOpened extends Event("AccountOpened")<{ accountId: string; owner: string }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amountCents: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn")<{ accountId: string; amountCents: number }> {}
export class AccountClosed extends Event("AccountClosed")<{ accountId: string }> {}

export class OpenAccount extends Command("OpenAccount", {
  schema: v.strictObject({ accountId: AccountId, owner: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)) }),
})<Outcome> {}
export class Deposit extends Command("Deposit", { schema: v.strictObject({ accountId: AccountId, amountCents: AmountCents }) })<Outcome> {}
export class Withdraw extends Command("Withdraw", {
  schema: v.strictObject({ accountId: AccountId, amountCents: AmountCents }),
})<Outcome> {}
export class CloseAccount extends Command("CloseAccount", { schema: v.strictObject({ accountId: AccountId }) })<Outcome> {}

export type BankCommand = OpenAccount | Deposit | Withdraw | CloseAccount;

/** Why the bank refuses. */
export type RefusalKind =
  | "account-exists"
  | "no-such-account"
  | "account-closed"
  | "insufficient-funds"
  | "balance-not-zero"
  | "balance-too-large";

/** What became of a command: a refusal is an answer, too. */
export interface Outcome {
  readonly status: "accepted" | "refused";
  readonly refusal: RefusalKind | undefined;
  /** Whether an earlier run, or an earlier line, had carried it out. */
  readonly recognised: boolean;
}
