// #region messages
import { AggregateRoot, boundedContext, Command, Event, Query } from "@reactive-domain/foundation";
import * as v from "valibot";

export class AccountOpened extends Event("AccountOpened")<{ accountId: string; owner: string }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn")<{ accountId: string; amount: number }> {}

export class OpenAccount extends Command("OpenAccount")<{ accountId: string; owner: string }> {}
export class Deposit extends Command("Deposit", {
  schema: v.object({ accountId: v.string(), amount: v.pipe(v.number(), v.minValue(0.01)) }),
}) {}
export class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
// #endregion

// #region aggregate
export class Account extends AggregateRoot {
  static readonly type = "Account";
  #balance = 0;

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, (event) => (this.#balance += event.amount));
    this.register(AmountWithdrawn, (event) => (this.#balance -= event.amount));
  }

  open(owner: string): void {
    this.raise(new AccountOpened({ accountId: this.id, owner }));
  }

  deposit(amount: number): void {
    this.raise(new AmountDeposited({ accountId: this.id, amount }));
  }

  withdraw(amount: number): void {
    if (amount > this.#balance) throw new Error(`Account ${this.id} holds ${this.#balance}, less than ${amount}.`);
    this.raise(new AmountWithdrawn({ accountId: this.id, amount }));
  }
}

export const banking = boundedContext("banking", {
  aggregates: [Account],
  events: [AccountOpened, AmountDeposited, AmountWithdrawn],
});
// #endregion
