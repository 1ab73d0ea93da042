import { rangeOf } from "../domain/month.ts";
import type { Booking, StatementAnswer } from "../domain/statement.ts";

/** All that is kept of one account, as JSON data. */
export interface BookingsState {
  readonly accountId: string;
  readonly owner: string;
  readonly openedMs: number;
  readonly closedMs: number | null;
  readonly timesMs: readonly number[];
  readonly balancesCents: readonly number[];
  readonly commandIds: readonly (string | null)[];
}

/** The bookings of one account, in columns: a booking takes about a hundred bytes, most of them for the id of its command. */
export class Bookings {
  readonly #accountId: string;
  readonly #owner: string;
  readonly #openedMs: number;
  #closedMs: number | null;
  /** Times of commit never go back along the log. */
  readonly #timesMs: number[];
  /** Behind each booking. */
  readonly #balancesCents: number[];
  readonly #commandIds: (string | null)[];

  constructor({ accountId, owner, openedMs, closedMs, timesMs, balancesCents, commandIds }: BookingsState) {
    this.#accountId = accountId;
    this.#owner = owner;
    this.#openedMs = openedMs;
    this.#closedMs = closedMs;
    this.#timesMs = [...timesMs];
    this.#balancesCents = [...balancesCents];
    this.#commandIds = [...commandIds];
  }

  get state(): BookingsState {
    return {
      accountId: this.#accountId,
      owner: this.#owner,
      openedMs: this.#openedMs,
      closedMs: this.#closedMs,
      timesMs: this.#timesMs,
      balancesCents: this.#balancesCents,
      commandIds: this.#commandIds,
    };
  }

  add(byCents: number, time: Date, commandId: string | undefined): void {
    this.#balancesCents.push(this.#balanceBefore(this.#balancesCents.length) + byCents);
    this.#timesMs.push(time.getTime());
    this.#commandIds.push(commandId ?? null);
  }

  close(time: Date): void {
    this.#closedMs = time.getTime();
  }

  /** The statement of a month, seen from a time that the month has to have begun by. */
  statementOf(month: string, nowMs: number): StatementAnswer {
    const { startMs, endMs } = rangeOf(month);
    const knownMs = Math.max(nowMs, this.#timesMs.at(-1) ?? this.#openedMs);
    if (startMs > knownMs) return none("month-not-begun", `${month} has not begun.`);
    if (endMs <= this.#openedMs) return none("not-opened-yet", `Account ${this.#accountId} was opened after ${month}.`);
    if (this.#closedMs !== null && this.#closedMs < startMs)
      return none("closed-before", `Account ${this.#accountId} was closed before ${month}.`);
    const [from, to] = [this.#firstFrom(startMs), this.#firstFrom(endMs)];
    const statement = {
      accountId: this.#accountId,
      owner: this.#owner,
      month,
      openingCents: this.#balanceBefore(from),
      bookings: Array.from({ length: to - from }, (_, index) => this.#bookingAt(from + index)),
      closingCents: this.#balanceBefore(to),
      isFinal: endMs <= knownMs,
    };
    return { kind: "statement", statement };
  }

  #bookingAt(index: number): Booking {
    const balanceCents = this.#balanceBefore(index + 1);
    const byCents = balanceCents - this.#balanceBefore(index);
    return {
      time: new Date(this.#timesMs[index] ?? 0).toISOString(),
      type: byCents > 0 ? "deposit" : "withdrawal",
      amountCents: Math.abs(byCents),
      balanceCents,
      commandId: this.#commandIds[index] ?? undefined,
    };
  }

  #balanceBefore(index: number): number {
    return this.#balancesCents[index - 1] ?? 0;
  }

  /** The place of the first booking that is not before a time, by halving. */
  #firstFrom(timeMs: number): number {
    let [low, high] = [0, this.#timesMs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timesMs[middle] ?? 0) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Why there is no statement. */
export function none(reason: Extract<StatementAnswer, { kind: "none" }>["reason"], message: string): StatementAnswer {
  return { kind: "none", reason, message };
}
