import { ReadModelBase, type EventContext, type SnapshotSource } from "@reactive-domain/foundation";
import { AccountClosed, AccountOpened, AmountDeposited, AmountWithdrawn } from "../domain/messages.ts";
import type { StatementAnswer } from "../domain/statement.ts";
import { Bookings, none, type BookingsState } from "./bookings.ts";
import { IncompleteHistory } from "./incomplete-history.ts";

/** What a snapshot keeps. Whoever changes it, or what handlers make of events, raises the schema version. */
type StatementsState = readonly BookingsState[];

/** The statements of every account, for every month. */
export class Statements extends ReadModelBase implements SnapshotSource<StatementsState> {
  static readonly schemaVersion = 1;
  readonly #accounts = new Map<string, Bookings>();

  constructor() {
    super();
    this.on(AccountOpened, ({ accountId, owners }, { time }) => {
      const opened = { accountId, owner: owners.join(" and "), openedMs: time.getTime(), closedMs: null };
      this.#accounts.set(accountId, new Bookings({ ...opened, timesMs: [], balancesCents: [], commandIds: [] }));
    });
    this.on(AmountDeposited, (event, context) => this.#book(event.accountId, event.amountCents, context));
    this.on(AmountWithdrawn, (event, context) => this.#book(event.accountId, -event.amountCents, context));
    this.on(AccountClosed, ({ accountId }, { time }) => this.#bookingsOf(accountId).close(time));
  }

  /** The statement of a month, like `2026-11`, seen from a time in milliseconds. */
  of(accountId: string, month: string, nowMs: number): StatementAnswer {
    const bookings = this.#accounts.get(accountId);
    return bookings?.statementOf(month, nowMs) ?? none("no-such-account", `There is no account ${accountId}.`);
  }

  takeSnapshot(): StatementsState {
    return Array.from(this.#accounts.values(), ({ state }) => state);
  }

  restoreFromSnapshot(state: StatementsState): void {
    for (const bookings of state) this.#accounts.set(bookings.accountId, new Bookings(bookings));
  }

  #book(accountId: string, byCents: number, { time, metadata }: EventContext): void {
    this.#bookingsOf(accountId).add(byCents, time, metadata.causationId);
  }

  #bookingsOf(accountId: string): Bookings {
    const bookings = this.#accounts.get(accountId);
    if (bookings === undefined) throw new IncompleteHistory(`An event came before the opening of account ${accountId}.`);
    return bookings;
  }
}
