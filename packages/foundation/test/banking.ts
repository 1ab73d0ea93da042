import {
  AggregateRoot,
  boundedContext,
  Command,
  connect,
  createInMemoryStore,
  Event,
  EventBase,
  ReactiveDomainError,
  type ConnectedContext,
  type EventStore,
  type Repository,
} from "@reactive-domain/foundation";
import * as v from "valibot";
import { LoanGranted, LoanRepaid, loans } from "./lending.ts";

// #region messages
export class AccountOpened extends Event("AccountOpened")<{ accountId: string; owner: string }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn", {
  schema: v.object({ accountId: v.string(), amount: v.number() }),
  version: 2,
  upcasters: { 1: (old: { accountId: string; sum: number }) => ({ accountId: old.accountId, amount: old.sum }) },
}) {}
// #endregion
/** A deposit that also tells who gave it. */
export class GiftReceived extends Event("GiftReceived", { extends: AmountDeposited })<{ from: string }> {}
/** An event of another context. */
export class Unlisted extends Event("Unlisted")<{ accountId: string }> {}

export class OpenAccount extends Command("OpenAccount")<{ accountId: string; owner: string }> {}
export class Deposit extends Command("Deposit", {
  schema: v.object({ accountId: v.string(), amount: v.pipe(v.number(), v.minValue(0.01)) }),
}) {}

export class InsufficientFunds extends ReactiveDomainError {
  static readonly code = "insufficient-funds";
  constructor(accountId: string, amount: number, balance: number) {
    super(InsufficientFunds.code, `Account ${accountId} holds ${balance}, less than ${amount}.`);
  }
}

// #region aggregate
export class Account extends AggregateRoot {
  static readonly type = "Account";
  #balance = 0;

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, (event) => {
      this.#balance += event.amount;
    });
    this.register(AmountWithdrawn, (event) => {
      this.#balance -= event.amount;
    });
  }

  get balance(): number {
    return this.#balance;
  }

  open(owner: string): void {
    this.raise(new AccountOpened({ accountId: this.id, owner }));
  }

  deposit(amount: number): void {
    this.raise(new AmountDeposited({ accountId: this.id, amount }));
  }

  withdraw(amount: number): void {
    if (amount > this.#balance) throw new InsufficientFunds(this.id, amount, this.#balance);
    this.raise(new AmountWithdrawn({ accountId: this.id, amount }));
  }

  receiveGift(amount: number, from: string): void {
    this.raise(new GiftReceived({ accountId: this.id, amount, from }));
  }
}
// #endregion

/** Raises whatever it is given, for what an aggregate must refuse. */
export class Notebook extends AggregateRoot {
  static readonly type = "Notebook";
  noted = 0;

  constructor(id: string) {
    super(id);
    this.register(EventBase, () => {
      this.noted++;
    });
  }

  note(event: EventBase): void {
    this.raise(event);
  }
}

export const banking = boundedContext("banking", {
  aggregates: [Account, Notebook, loans],
  events: [AccountOpened, AmountDeposited, AmountWithdrawn, GiftReceived, LoanGranted, LoanRepaid],
});

/** The bank on a store: its connection, and its accounts. */
export interface Bank {
  readonly store: EventStore;
  readonly bank: ConnectedContext;
  readonly accounts: Repository<Account>;
}

export function openBank(store: EventStore = createInMemoryStore()): Bank {
  const bank = connect(banking, store);
  return { store, bank, accounts: bank.repository(Account) };
}

/** An account with one deposit for each amount, not saved yet. */
export function accountWith(id: string, ...amounts: readonly number[]): Account {
  const account = new Account(id);
  for (const amount of amounts) account.deposit(amount);
  return account;
}

/** The error that a call throws. */
export function refusalOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("The call was expected to be refused.");
}
