import { AggregateRoot, boundedContext, Command, Event, Query, ReactiveDomainError } from "@reactive-domain/foundation";
import * as v from "valibot";

export class AccountOpened extends Event("AccountOpened")<{ accountId: string; owner: string }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn", {
  schema: v.object({ accountId: v.string(), amount: v.number() }),
  version: 2,
  upcasters: { 1: (old: { accountId: string; sum: number }) => ({ accountId: old.accountId, amount: old.sum }) },
}) {}
export class OpenAccount extends Command("OpenAccount")<{ accountId: string; owner: string }> {}
export class Deposit extends Command("Deposit", {
  schema: v.object({ accountId: v.string(), amount: v.pipe(v.number(), v.minValue(0.01)) }),
}) {}
export class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}

export class InsufficientFunds extends ReactiveDomainError {
  static readonly code = "insufficient-funds";
  constructor(accountId: string, amount: number, balance: number) {
    super(InsufficientFunds.code, `Account ${accountId} holds ${balance}, less than ${amount}.`);
  }
}

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
}

export const banking = boundedContext("banking", { aggregates: [Account], events: [AccountOpened, AmountDeposited, AmountWithdrawn] });
