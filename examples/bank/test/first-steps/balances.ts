// #region read-model
import { ReadModelBase } from "@reactive-domain/foundation";
import { AmountDeposited, AmountWithdrawn } from "./account.ts";

export class Balances extends ReadModelBase {
  readonly #balances = new Map<string, number>();

  constructor() {
    super();
    this.on(AmountDeposited, (event) => this.#add(event.accountId, event.amount));
    this.on(AmountWithdrawn, (event) => this.#add(event.accountId, -event.amount));
  }

  of(accountId: string): number {
    return this.#balances.get(accountId) ?? 0;
  }

  #add(accountId: string, amount: number): void {
    this.#balances.set(accountId, this.of(accountId) + amount);
  }
}
// #endregion
