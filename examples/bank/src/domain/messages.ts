import { Command, Event } from "@reactive-domain/foundation";
import * as v from "valibot";

export const Id = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,100}$/, "Expected 1 to 100 printable ASCII characters without spaces"));
const Name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(200));
const AmountCents = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

// Money is counted in cents: sums of decimals drift.
export class AccountOpened extends Event("AccountOpened", {
  version: 2,
  // Before there were joint accounts, an account had one owner.
  upcasters: { 1: (old: { accountId: string; owner: string }) => ({ accountId: old.accountId, owners: [old.owner] }) },
})<{ accountId: string; owners: readonly string[] }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amountCents: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn")<{ accountId: string; amountCents: number }> {}
export class AccountClosed extends Event("AccountClosed")<{ accountId: string }> {}
export class PotOpened extends Event("PotOpened")<{ accountId: string; potId: string; name: string }> {}
export class AmountSetAside extends Event("AmountSetAside")<{ accountId: string; potId: string; amountCents: number }> {}
export class AmountTakenBack extends Event("AmountTakenBack")<{ accountId: string; potId: string; amountCents: number }> {}
export class PotClosed extends Event("PotClosed")<{ accountId: string; potId: string }> {}

export class OpenAccount extends Command("OpenAccount", {
  schema: v.strictObject({ accountId: Id, owner: Name, coOwner: v.exactOptional(Name) }),
})<Outcome> {}
export class Deposit extends Command("Deposit", { schema: v.strictObject({ accountId: Id, amountCents: AmountCents }) })<Outcome> {}
export class Withdraw extends Command("Withdraw", { schema: v.strictObject({ accountId: Id, amountCents: AmountCents }) })<Outcome> {}
export class CloseAccount extends Command("CloseAccount", { schema: v.strictObject({ accountId: Id }) })<Outcome> {}
export class OpenPot extends Command("OpenPot", { schema: v.strictObject({ accountId: Id, potId: Id, name: Name }) })<Outcome> {}
export class SetAside extends Command("SetAside", {
  schema: v.strictObject({ accountId: Id, potId: Id, amountCents: AmountCents }),
})<Outcome> {}
export class TakeBack extends Command("TakeBack", {
  schema: v.strictObject({ accountId: Id, potId: Id, amountCents: AmountCents }),
})<Outcome> {}
export class ClosePot extends Command("ClosePot", { schema: v.strictObject({ accountId: Id, potId: Id }) })<Outcome> {}

export type BankCommand = OpenAccount | Deposit | Withdraw | CloseAccount | OpenPot | SetAside | TakeBack | ClosePot;

/** Why the bank refuses. */
export type RefusalKind =
  | "account-exists"
  | "no-such-account"
  | "account-closed"
  | "insufficient-funds"
  | "balance-not-zero"
  | "balance-too-large"
  | "pot-exists"
  | "no-such-pot"
  | "pot-not-empty"
  | "too-many-pots";

/** What became of a command: a refusal is an answer, too. */
export interface Outcome {
  readonly status: "accepted" | "refused";
  readonly refusal: RefusalKind | undefined;
  /** Whether an earlier run, or an earlier line, had carried it out. */
  readonly recognised: boolean;
  /** For a query that is to know of it: `readAfter.write(query, token)`; `undefined` where the store cannot name its log, like KurrentDB. */
  readonly token: string | undefined;
}
