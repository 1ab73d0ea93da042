import { ReadModelBase } from "@reactive-domain/foundation";
import { AccountOpened, AmountDeposited, AmountWithdrawn } from "../aggregates/account.ts";

/** What each account holds, in memory. */
export class Balances extends ReadModelBase {
  readonly byAccount = new Map<string, number>();

  #tell: (() => void) | undefined;

  constructor() {
    super();
    this.on(AccountOpened, ({ accountId }) => this.byAccount.set(accountId, 0));
    this.on(AmountDeposited, ({ accountId, amountCents }) => this.#add(accountId, amountCents));
    this.on(AmountWithdrawn, ({ accountId, amountCents }) => this.#add(accountId, -amountCents));
  }

  /** Resolves when the next deposit or withdrawal is handled. */
  whenNext(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  #add(accountId: string, cents: number): void {
    this.byAccount.set(accountId, (this.byAccount.get(accountId) ?? 0) + cents);
    this.#tell?.();
  }
}
