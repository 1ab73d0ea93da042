import { Command, Event, Query } from "@reactive-domain/messaging";
import * as v from "valibot";

export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
/** A deposit that also tells who gave it. */
export class GiftReceived extends Event("GiftReceived", { extends: AmountDeposited })<{ from: string }> {}
/** Looks like a deposit and is none. */
export class AmountWithdrawn extends Event("AmountWithdrawn")<{ accountId: string; amount: number }> {}

export class OpenAccount extends Command("OpenAccount")<{ owner: string }, { accountId: string }> {}
export class CloseAccount extends Command("CloseAccount")<{ accountId: string }> {}
/** A closing that somebody ordered; also a `CloseAccount`. */
export class ForceClose extends Command("ForceClose", { extends: CloseAccount })<{ orderedBy: string }> {}
export class Deposit extends Command("Deposit", {
  schema: v.object({ accountId: v.string(), amount: v.pipe(v.number(), v.minValue(0.01)) }),
}) {}

export class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
/** The balance as it was at some time; also a `BalanceOf`. */
export class PastBalanceOf extends Query("PastBalanceOf", { extends: BalanceOf })<{ timeMs: number }> {}
