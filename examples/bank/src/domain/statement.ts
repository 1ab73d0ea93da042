/** What changed a balance. */
export interface Booking {
  /** When it was committed, as ISO text. */
  readonly time: string;
  readonly type: "deposit" | "withdrawal";
  /** From 1. */
  readonly amountCents: number;
  /** Behind the booking. */
  readonly balanceCents: number;
  /** The command that led to it, where that is known. */
  readonly commandId: string | undefined;
}

/**
 * What became of an account's balance in one month. What is set aside in a pot stays a part of the balance: it is no booking.
 */
export interface Statement {
  readonly accountId: string;
  /** All of its owners. */
  readonly owner: string;
  /** Like `2026-11`, in UTC. */
  readonly month: string;
  readonly openingCents: number;
  /** In the order in which they were committed. */
  readonly bookings: readonly Booking[];
  readonly closingCents: number;
  /** Whether the month is over, so that nothing can be added any more. */
  readonly isFinal: boolean;
}

/** Why there is no statement. */
export type NoStatementReason = "no-such-account" | "not-opened-yet" | "closed-before" | "month-not-begun";

/** A statement, or in a sentence why there is none. */
export type StatementAnswer =
  | { readonly kind: "statement"; readonly statement: Statement }
  | { readonly kind: "none"; readonly reason: NoStatementReason; readonly message: string };
