import { AggregateRoot } from "@reactive-domain/foundation";
import { AccountClosed, AccountOpened, AmountDeposited, AmountWithdrawn } from "./messages.ts";
import { Refusal } from "./refusal.ts";

/** Beyond it, numbers skip cents. */
const LARGEST_BALANCE_CENTS = Number.MAX_SAFE_INTEGER;

/** A bank account, which never owes anything. */
export class Account extends AggregateRoot {
  static readonly type = "Account";
  #state: "none" | "open" | "closed" = "none";
  #balanceCents = 0;

  constructor(id: string) {
    super(id);
    this.register(AccountOpened, () => {
      this.#state = "open";
    });
    this.register(AmountDeposited, (event) => {
      this.#balanceCents += event.amountCents;
    });
    this.register(AmountWithdrawn, (event) => {
      this.#balanceCents -= event.amountCents;
    });
    this.register(AccountClosed, () => {
      this.#state = "closed";
    });
  }

  open(owner: string): void {
    if (this.#state !== "none") throw new Refusal("account-exists", `Account ${this.id} was opened before.`);
    this.raise(new AccountOpened({ accountId: this.id, owner }));
  }

  deposit(amountCents: number): void {
    this.#refuseUnlessOpen();
    if (amountCents > LARGEST_BALANCE_CENTS - this.#balanceCents) {
      const would = `Account ${this.id} holds ${this.#balanceCents} cents, and with ${amountCents} more`;
      throw new Refusal("balance-too-large", `${would} would hold more than ${LARGEST_BALANCE_CENTS}.`);
    }
    this.raise(new AmountDeposited({ accountId: this.id, amountCents }));
  }

  withdraw(amountCents: number): void {
    this.#refuseUnlessOpen();
    if (amountCents > this.#balanceCents) {
      throw new Refusal("insufficient-funds", `Account ${this.id} holds ${this.#balanceCents} cents, less than ${amountCents}.`);
    }
    this.raise(new AmountWithdrawn({ accountId: this.id, amountCents }));
  }

  close(): void {
    this.#refuseUnlessOpen();
    if (this.#balanceCents > 0) throw new Refusal("balance-not-zero", `Account ${this.id} still holds ${this.#balanceCents} cents.`);
    this.raise(new AccountClosed({ accountId: this.id }));
  }

  #refuseUnlessOpen(): void {
    if (this.#state === "none") throw new Refusal("no-such-account", `There is no account ${this.id}.`);
    if (this.#state === "closed") throw new Refusal("account-closed", `Account ${this.id} is closed.`);
  }
}
