import { AggregateRoot, boundedContext, Event, type BoundedContext } from "@reactive-domain/foundation";

export class AccountOpened extends Event("AccountOpened")<{ accountId: string; owner: string }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amountCents: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn")<{ accountId: string; amountCents: number }> {}

/** What all works of the suite load and change. */
export class Account extends AggregateRoot {
  static readonly type = "Account";
  #isOpen = false;
  #balanceCents = 0;

  constructor(id: string) {
    super(id);
    this.register(AccountOpened, () => {
      this.#isOpen = true;
    });
    this.register(AmountDeposited, (event) => {
      this.#balanceCents += event.amountCents;
    });
    this.register(AmountWithdrawn, (event) => {
      this.#balanceCents -= event.amountCents;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get balanceCents(): number {
    return this.#balanceCents;
  }

  deposit(amountCents: number): void {
    this.raise(new AmountDeposited({ accountId: this.id, amountCents }));
  }
}

export const ACCOUNT_EVENTS = [AccountOpened, AmountDeposited, AmountWithdrawn];
export const banking: BoundedContext = boundedContext("banking", { aggregates: [Account], events: ACCOUNT_EVENTS });
