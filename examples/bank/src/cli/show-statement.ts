import type { Booking, Statement } from "../domain/statement.ts";
import { money } from "./money.ts";
import { printable } from "./printable.ts";

/** A statement as text; `asOf` where it is one of the past. */
export function showStatement({ accountId, owner, month, ...statement }: Statement, asOf?: string): string {
  const state = statement.isFinal ? "" : ", so far";
  return [
    `Statement of ${accountId} (${owner}) for ${month}${asOf === undefined ? state : `, as of ${asOf}`}`,
    line("", "opening balance", "", statement.openingCents),
    ...statement.bookings.map(showBooking),
    line("", "closing balance", "", statement.closingCents),
    "",
  ]
    .map(printable)
    .join("\n");
}

function showBooking({ time, type, amountCents, balanceCents, commandId }: Booking): string {
  const amount = `${type === "withdrawal" ? "-" : ""}${money(amountCents)}`;
  return `${line(time, type, amount, balanceCents)}${commandId === undefined ? "" : `  command ${commandId}`}`;
}

function line(time: string, what: string, amount: string, balanceCents: number): string {
  return `  ${time.padEnd(24)}  ${what.padEnd(15)}${amount.padStart(16)}${money(balanceCents).padStart(16)}`;
}
